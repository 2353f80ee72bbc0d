"""The tables of the registry, and the triggers that keep size snapshots as they were taken."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import huiqi.registry.queries
from django.conf import settings
from django.contrib.postgres.operations import BtreeGistExtension
from django.db import migrations, models

#: Row triggers do not see TRUNCATE, hence the third one; an empty table may be truncated, there is nothing to lose.
FREEZE_SNAPSHOTS = """
create function registry_refuse_change() returns trigger language plpgsql as $body$
begin
    raise exception '% is a record for good: % is refused', tg_table_name, tg_op using errcode = 'restrict_violation';
end
$body$;

create function registry_refuse_truncate() returns trigger language plpgsql as $body$
declare
    something_to_lose boolean;
begin
    execute format('select exists (select from %I.%I)', tg_table_schema, tg_table_name) into something_to_lose;
    if something_to_lose then
        raise exception '% is a record for good: TRUNCATE is refused', tg_table_name using errcode = 'restrict_violation';
    end if;
    return null;
end
$body$;

create trigger a_size_snapshot_is_never_changed before update or delete on registry_sizesnapshot
    for each row execute function registry_refuse_change();
create trigger size_snapshots_are_never_truncated before truncate on registry_sizesnapshot
    for each statement execute function registry_refuse_truncate();
"""

UNFREEZE_SNAPSHOTS = """
drop trigger size_snapshots_are_never_truncated on registry_sizesnapshot;
drop trigger a_size_snapshot_is_never_changed on registry_sizesnapshot;
drop function registry_refuse_truncate();
drop function registry_refuse_change();
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        BtreeGistExtension(),
        migrations.CreateModel(
            name="Organisation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("enterprise", "企业"),
                            ("organ", "机关"),
                            ("bank", "银行"),
                            ("guarantor", "担保机构"),
                            ("service_agency", "服务机构"),
                            ("association", "行业协会商会"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("name_zh", models.CharField(max_length=200, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="英文名称")),
                ("name_pinyin", models.CharField(editable=False, max_length=120)),
                (
                    "uscc",
                    models.CharField(
                        blank=True, max_length=18, null=True, unique=True, verbose_name="统一社会信用代码"
                    ),
                ),
                (
                    "organ_function",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("government", "人民政府"),
                            ("industry_and_it", "工业和信息化（中小企业主管）"),
                            ("development_reform", "发展改革"),
                            ("finance", "财政"),
                            ("tax", "税务"),
                            ("market_regulation", "市场监督管理"),
                            ("human_resources", "人力资源和社会保障"),
                            ("science", "科学技术"),
                            ("commerce", "商务"),
                            ("statistics", "统计"),
                            ("justice", "司法行政"),
                            ("financial_regulation", "金融管理"),
                            ("intellectual_property", "知识产权"),
                            ("education", "教育"),
                            ("civil_affairs", "民政"),
                            ("public_security", "公安"),
                            ("natural_resources", "自然资源"),
                            ("ecology", "生态环境"),
                            ("housing_construction", "住房和城乡建设"),
                            ("transport", "交通运输"),
                            ("agriculture", "农业农村"),
                            ("culture_tourism", "文化和旅游"),
                            ("emergency_management", "应急管理"),
                            ("veterans_affairs", "退役军人事务"),
                            ("disabled_persons", "残疾人联合会"),
                            ("customs", "海关"),
                            ("audit", "审计"),
                            ("letters_and_visits", "信访"),
                            ("zone_administration", "园区管理委员会"),
                            ("court", "人民法院"),
                            ("procuratorate", "人民检察院"),
                            ("other", "其他"),
                        ],
                        max_length=30,
                        null=True,
                        verbose_name="机关职能",
                    ),
                ),
                ("is_bingtuan", models.BooleanField(default=False, verbose_name="兵团机关")),
                ("active_from", models.DateField(blank=True, null=True, verbose_name="设立日期")),
                ("active_to", models.DateField(blank=True, null=True, verbose_name="终止日期")),
                (
                    "superior",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inferiors",
                        to="registry.organisation",
                        verbose_name="上级机关",
                    ),
                ),
            ],
            options={
                "verbose_name": "组织",
                "verbose_name_plural": "组织",
                "ordering": ("name_pinyin", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["enterprise", "organ", "bank", "guarantor", "service_agency", "association"])
                        ),
                        name="an_organisation_has_a_known_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("name_zh", ""), _negated=True), name="an_organisation_has_a_name"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("uscc__isnull", True), ("uscc__regex", "^[0-9A-HJ-NPQRTUWXY]{18}$"), _connector="OR"
                        ),
                        name="a_credit_code_has_18_characters_of_its_alphabet",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "organ"), ("uscc__isnull", False), _connector="OR"),
                        name="only_an_organ_may_be_without_a_credit_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "organ"),
                                (
                                    "organ_function__in",
                                    [
                                        "government",
                                        "industry_and_it",
                                        "development_reform",
                                        "finance",
                                        "tax",
                                        "market_regulation",
                                        "human_resources",
                                        "science",
                                        "commerce",
                                        "statistics",
                                        "justice",
                                        "financial_regulation",
                                        "intellectual_property",
                                        "education",
                                        "civil_affairs",
                                        "public_security",
                                        "natural_resources",
                                        "ecology",
                                        "housing_construction",
                                        "transport",
                                        "agriculture",
                                        "culture_tourism",
                                        "emergency_management",
                                        "veterans_affairs",
                                        "disabled_persons",
                                        "customs",
                                        "audit",
                                        "letters_and_visits",
                                        "zone_administration",
                                        "court",
                                        "procuratorate",
                                        "other",
                                    ],
                                ),
                                ("organ_function__isnull", False),
                            ),
                            models.Q(models.Q(("kind", "organ"), _negated=True), ("organ_function__isnull", True)),
                            _connector="OR",
                        ),
                        name="organs_and_only_organs_have_a_function",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "organ"), ("superior__isnull", True), _connector="OR"),
                        name="only_an_organ_has_a_superior_organ",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("superior__isnull", True),
                            models.Q(("superior", models.F("pk")), _negated=True),
                            _connector="OR",
                        ),
                        name="an_organisation_is_not_its_own_superior",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kind", "organ"), ("is_bingtuan", False), _connector="OR"),
                        name="only_an_organ_is_an_organ_of_the_corps",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_from__isnull", True),
                            ("active_to__isnull", True),
                            ("active_to__gte", models.F("active_from")),
                            _connector="OR",
                        ),
                        name="an_organisation_does_not_end_before_it_begins",
                    ),
                ],
                "indexes": [models.Index(fields=["name_pinyin"], name="organisations_by_name")],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "login_name",
                    models.CharField(blank=True, max_length=60, null=True, unique=True, verbose_name="登录名"),
                ),
                (
                    "email",
                    models.EmailField(blank=True, max_length=254, null=True, unique=True, verbose_name="电子邮箱"),
                ),
                ("display_name", models.CharField(max_length=60, verbose_name="姓名")),
                (
                    "language",
                    models.CharField(
                        choices=[("zh-hans", "中文"), ("en", "英文")],
                        default="zh-hans",
                        max_length=10,
                        verbose_name="语言",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                ("is_staff", models.BooleanField(default=False, verbose_name="可进入后台")),
                (
                    "joined_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="注册时间"),
                ),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "用户",
                "verbose_name_plural": "用户",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("login_name__isnull", False), ("email__isnull", False), _connector="OR"),
                        name="a_person_logs_in_by_login_name_or_email",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("login_name__isnull", True),
                            models.Q(
                                models.Q(("login_name", django.db.models.functions.text.Lower("login_name"))),
                                models.Q(("login_name__contains", "@"), _negated=True),
                                models.Q(("login_name", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="a_login_name_is_lower_case_and_no_email_address",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("email__isnull", True),
                            models.Q(
                                ("email", django.db.models.functions.text.Lower("email")), ("email__contains", "@")
                            ),
                            _connector="OR",
                        ),
                        name="an_email_address_is_lower_case",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="EnterpriseFacts",
            fields=[
                ("legal_form", models.CharField(blank=True, max_length=40, null=True, verbose_name="组织形式")),
                ("ownership_type", models.CharField(blank=True, max_length=40, null=True, verbose_name="所有制类型")),
                ("established_date", models.DateField(blank=True, null=True, verbose_name="成立日期")),
                (
                    "registration_status",
                    models.CharField(blank=True, max_length=40, null=True, verbose_name="登记状态"),
                ),
                ("registration_region", models.CharField(blank=True, max_length=200, null=True, verbose_name="登记地")),
                (
                    "operating_region",
                    models.CharField(blank=True, max_length=200, null=True, verbose_name="实际经营地"),
                ),
                ("is_bingtuan", models.BooleanField(blank=True, null=True, verbose_name="兵团企业")),
                (
                    "special_zone",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="所在特殊区域",
                    ),
                ),
                ("in_xj_difficult_area", models.BooleanField(blank=True, null=True, verbose_name="新疆困难地区")),
                (
                    "in_digital_pilot_city",
                    models.BooleanField(blank=True, null=True, verbose_name="数字化转型试点城市"),
                ),
                ("industry_code", models.CharField(blank=True, max_length=200, null=True, verbose_name="行业代码")),
                (
                    "secondary_industry_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="兼营行业代码",
                    ),
                ),
                ("encouraged_west", models.BooleanField(blank=True, null=True, verbose_name="西部鼓励类产业")),
                ("in_xj_catalogue", models.BooleanField(blank=True, null=True, verbose_name="新疆困难地区鼓励目录")),
                ("restricted_industry", models.BooleanField(blank=True, null=True, verbose_name="限制或禁止行业")),
                ("abnormal_listed", models.BooleanField(blank=True, null=True, verbose_name="经营异常名录")),
                ("serious_dishonesty", models.BooleanField(blank=True, null=True, verbose_name="严重失信")),
                ("major_incident_3y", models.BooleanField(blank=True, null=True, verbose_name="近三年重大事件")),
                ("major_incident_2y", models.BooleanField(blank=True, null=True, verbose_name="本年上年重大事件")),
                ("disaster_affected", models.BooleanField(blank=True, null=True, verbose_name="受灾认定")),
                ("employees", models.BigIntegerField(blank=True, null=True, verbose_name="从业人员")),
                (
                    "revenue",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="营业收入"
                    ),
                ),
                (
                    "revenue_prev",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="上一年营业收入"
                    ),
                ),
                (
                    "revenue_prev2",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="前两年营业收入"
                    ),
                ),
                (
                    "total_assets",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="资产总额"
                    ),
                ),
                ("size_class", models.CharField(blank=True, max_length=40, null=True, verbose_name="规模")),
                ("size_class_best", models.CharField(blank=True, max_length=40, null=True, verbose_name="规模上限")),
                ("size_class_worst", models.CharField(blank=True, max_length=40, null=True, verbose_name="规模下限")),
                ("sme_at_contract", models.BooleanField(blank=True, null=True, verbose_name="签约时为中小企业")),
                ("large_affiliation", models.BooleanField(blank=True, null=True, verbose_name="大企业关联")),
                (
                    "main_business_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="主营收入占比"
                    ),
                ),
                (
                    "main_revenue_3y_avg",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="三年平均主营收入"
                    ),
                ),
                (
                    "revenue_cagr_2y",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="两年复合增长率"
                    ),
                ),
                (
                    "debt_ratio",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="资产负债率"
                    ),
                ),
                (
                    "taxable_income",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="应纳税所得额"
                    ),
                ),
                (
                    "avg_employees_tax",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="税务从业人数"
                    ),
                ),
                (
                    "avg_assets_tax",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="税务资产总额"
                    ),
                ),
                (
                    "equity_financing_2y",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="两年股权融资"
                    ),
                ),
                (
                    "equity_financing_3y",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="三年股权融资"
                    ),
                ),
                (
                    "planned_investment",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="计划投资"
                    ),
                ),
                ("vat_type", models.CharField(blank=True, max_length=40, null=True, verbose_name="增值税纳税人类型")),
                (
                    "monthly_sales",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="月销售额"
                    ),
                ),
                ("collection_method", models.CharField(blank=True, max_length=40, null=True, verbose_name="征收方式")),
                (
                    "tax_credit_grade",
                    models.CharField(blank=True, max_length=40, null=True, verbose_name="纳税信用等级"),
                ),
                ("tax_arrears", models.BooleanField(blank=True, null=True, verbose_name="欠税")),
                (
                    "catalogue_revenue_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="目录收入占比"
                    ),
                ),
                ("first_income_year", models.BigIntegerField(blank=True, null=True, verbose_name="首笔收入年度")),
                (
                    "six_taxes_due",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="六税两费应纳额"
                    ),
                ),
                (
                    "vat_credit_balance",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="期末留抵税额"
                    ),
                ),
                (
                    "deductible_input_vat",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="可抵扣进项税额"
                    ),
                ),
                (
                    "env_tax_due",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="环保税应纳额"
                    ),
                ),
                (
                    "emission_pct_of_limit",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="排放浓度占标准"
                    ),
                ),
                ("tax_hardship_confirmed", models.BooleanField(blank=True, null=True, verbose_name="税务困难认定")),
                ("vat_refund_checked", models.BooleanField(blank=True, null=True, verbose_name="留抵退税核查")),
                (
                    "local_cit_share_decision",
                    models.BooleanField(blank=True, null=True, verbose_name="地方分享减免决定"),
                ),
                ("adv_manufacturer_listed", models.BooleanField(blank=True, null=True, verbose_name="先进制造业名单")),
                (
                    "ic_machine_tool_listed",
                    models.BooleanField(blank=True, null=True, verbose_name="集成电路工业母机清单"),
                ),
                ("farm_project_income", models.BooleanField(blank=True, null=True, verbose_name="农林牧渔项目所得")),
                ("own_farm_products", models.BooleanField(blank=True, null=True, verbose_name="自产农产品")),
                ("incubator_level", models.CharField(blank=True, max_length=40, null=True, verbose_name="孵化器级别")),
                (
                    "equipment_cost_le_500",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="当年新购小额设备"
                    ),
                ),
                (
                    "equipment_cost_gt_500",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="当年新购大额设备"
                    ),
                ),
                ("equipment_renewal_project", models.BooleanField(blank=True, null=True, verbose_name="设备更新项目")),
                (
                    "rd_expense",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="研发费用"
                    ),
                ),
                (
                    "rd_expense_prev",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="上一年研发费用"
                    ),
                ),
                (
                    "rd_expense_prev2",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="前两年研发费用"
                    ),
                ),
                (
                    "rd_cost_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="研发费用占成本费用比"
                    ),
                ),
                (
                    "rd_staff_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="科技人员占比"
                    ),
                ),
                (
                    "bachelor_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="本科学历占比"
                    ),
                ),
                ("class1_ip", models.BigIntegerField(blank=True, null=True, verbose_name="一类知识产权")),
                ("class2_ip", models.BigIntegerField(blank=True, null=True, verbose_name="二类知识产权")),
                (
                    "titles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="称号",
                    ),
                ),
                (
                    "titles_not_held",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="未持有的称号",
                    ),
                ),
                ("hte_valid_to", models.DateField(blank=True, null=True, verbose_name="高新技术企业有效期")),
                ("tech_sme_valid_to", models.DateField(blank=True, null=True, verbose_name="科技型中小企业有效期")),
                (
                    "tech_sme_number",
                    models.CharField(blank=True, max_length=200, null=True, verbose_name="科技型中小企业编号"),
                ),
                (
                    "innovative_sme_valid_to",
                    models.DateField(blank=True, null=True, verbose_name="创新型中小企业有效期"),
                ),
                (
                    "specialized_sme_valid_to",
                    models.DateField(blank=True, null=True, verbose_name="专精特新中小企业有效期"),
                ),
                ("little_giant_valid_to", models.DateField(blank=True, null=True, verbose_name="专精特新小巨人有效期")),
                ("quality_score", models.BigIntegerField(blank=True, null=True, verbose_name="发展评价得分")),
                ("innovative_score", models.BigIntegerField(blank=True, null=True, verbose_name="创新型评价总分")),
                (
                    "innovative_score_innovation",
                    models.BigIntegerField(blank=True, null=True, verbose_name="创新能力得分"),
                ),
                ("innovative_score_growth", models.BigIntegerField(blank=True, null=True, verbose_name="成长性得分")),
                ("innovative_score_special", models.BigIntegerField(blank=True, null=True, verbose_name="专业化得分")),
                ("tech_sme_score", models.BigIntegerField(blank=True, null=True, verbose_name="科技型评价得分")),
                (
                    "tech_sme_staff_score",
                    models.BigIntegerField(blank=True, null=True, verbose_name="科技人员指标得分"),
                ),
                ("hte_score", models.BigIntegerField(blank=True, null=True, verbose_name="高新认定得分")),
                ("st_prize_3y", models.CharField(blank=True, max_length=40, null=True, verbose_name="近三年科技奖励")),
                ("rd_institution", models.CharField(blank=True, max_length=40, null=True, verbose_name="研发机构级别")),
                (
                    "standards_led",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="主导标准",
                    ),
                ),
                ("niche_years", models.BigIntegerField(blank=True, null=True, verbose_name="细分市场年限")),
                (
                    "market_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="市场占有率"
                    ),
                ),
                ("market_rank", models.BigIntegerField(blank=True, null=True, verbose_name="国内市场排名")),
                ("market_rank_global", models.BigIntegerField(blank=True, null=True, verbose_name="全球市场排名")),
                ("key_chain_confirmed", models.BooleanField(blank=True, null=True, verbose_name="重点产业链认定")),
                ("little_giant_excluded", models.BooleanField(blank=True, null=True, verbose_name="小巨人排除情形")),
                (
                    "hitech_revenue_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="高新产品收入占比"
                    ),
                ),
                (
                    "tech_contract_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="登记技术合同类型",
                    ),
                ),
                (
                    "tech_transfer_income",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="技术转让所得"
                    ),
                ),
                (
                    "certifications",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="体系认证",
                    ),
                ),
                ("green_factory", models.CharField(blank=True, max_length=40, null=True, verbose_name="绿色工厂")),
                ("first_set_confirmed", models.BooleanField(blank=True, null=True, verbose_name="首台套目录认定")),
                ("ai_business_confirmed", models.BooleanField(blank=True, null=True, verbose_name="人工智能业务认定")),
                ("insured_staff", models.BigIntegerField(blank=True, null=True, verbose_name="参保职工")),
                ("ui_paid_months", models.BigIntegerField(blank=True, null=True, verbose_name="失业保险连续缴费月数")),
                (
                    "ui_contributions",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="上年失业保险费"
                    ),
                ),
                (
                    "layoff_rate",
                    models.DecimalField(blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="裁员率"),
                ),
                ("graduate_hires", models.BigIntegerField(blank=True, null=True, verbose_name="招用毕业生")),
                ("youth_hires", models.BigIntegerField(blank=True, null=True, verbose_name="招用失业青年")),
                ("key_group_hires", models.BigIntegerField(blank=True, null=True, verbose_name="招用重点群体")),
                ("veteran_hires", models.BigIntegerField(blank=True, null=True, verbose_name="招用退役士兵")),
                ("difficulty_hires", models.BigIntegerField(blank=True, null=True, verbose_name="招用就业困难人员")),
                (
                    "graduate_si_paid",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="毕业生社保单位缴费"
                    ),
                ),
                (
                    "difficulty_si_paid",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="困难人员社保单位缴费"
                    ),
                ),
                (
                    "disabled_share",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="残疾人就业比例"
                    ),
                ),
                ("disabled_staff", models.BigIntegerField(blank=True, null=True, verbose_name="残疾人职工")),
                (
                    "disabled_quota",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="残疾人就业规定比例"
                    ),
                ),
                (
                    "disabled_fund_due",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="残保金应缴额"
                    ),
                ),
                (
                    "disabled_wages",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="残疾职工工资"
                    ),
                ),
                (
                    "new_hire_ratio",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="新招用比例"
                    ),
                ),
                ("wage_insurance_default", models.BooleanField(blank=True, null=True, verbose_name="欠薪欠保记录")),
                ("intern_base", models.BooleanField(blank=True, null=True, verbose_name="就业见习单位")),
                ("interns", models.BigIntegerField(blank=True, null=True, verbose_name="见习人员")),
                ("apprentices", models.BigIntegerField(blank=True, null=True, verbose_name="学徒备案人数")),
                ("skill_certs_junior", models.BigIntegerField(blank=True, null=True, verbose_name="初级技能证书人数")),
                (
                    "skill_certs_intermediate",
                    models.BigIntegerField(blank=True, null=True, verbose_name="中级技能证书人数"),
                ),
                ("skill_certs_senior", models.BigIntegerField(blank=True, null=True, verbose_name="高级技能证书人数")),
                (
                    "owner_groups",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="创业者身份",
                    ),
                ),
                ("owner_first_business", models.BooleanField(blank=True, null=True, verbose_name="首次创业")),
                (
                    "loan_purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="贷款用途",
                    ),
                ),
                ("loan_application_pending", models.BooleanField(blank=True, null=True, verbose_name="贷款申请中")),
                (
                    "loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="贷款本金"
                    ),
                ),
                (
                    "loan_interest",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="贷款利息"
                    ),
                ),
                ("fixed_asset_loan_date", models.DateField(blank=True, null=True, verbose_name="固定资产贷款发放日")),
                (
                    "fixed_asset_loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="固定资产贷款本金"
                    ),
                ),
                (
                    "working_capital_loan_date",
                    models.DateField(blank=True, null=True, verbose_name="流动资金贷款发放日"),
                ),
                (
                    "working_capital_loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="流动资金贷款本金"
                    ),
                ),
                ("equipment_loan_date", models.DateField(blank=True, null=True, verbose_name="设备更新贷款发放日")),
                (
                    "equipment_loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="设备更新贷款本金"
                    ),
                ),
                ("service_loan_date", models.DateField(blank=True, null=True, verbose_name="服务业贷款发放日")),
                (
                    "service_loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="服务业贷款本金"
                    ),
                ),
                (
                    "working_capital_loan_due",
                    models.DateField(blank=True, null=True, verbose_name="流动资金贷款到期日"),
                ),
                (
                    "startup_loan_principal",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="创业担保贷款本金"
                    ),
                ),
                (
                    "startup_loan_rate",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="创业担保贷款利率"
                    ),
                ),
                ("loan_bank_participates", models.BooleanField(blank=True, null=True, verbose_name="贷款经办银行")),
                ("loan_field_confirmed", models.BooleanField(blank=True, null=True, verbose_name="贷款投向认定")),
                ("gov_guaranteed", models.BooleanField(blank=True, null=True, verbose_name="政府性担保")),
                (
                    "receivable_debtors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="应收账款债务人",
                    ),
                ),
                (
                    "overdue_debtors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="逾期债务人",
                    ),
                ),
                (
                    "overdue_amount",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="逾期账款"
                    ),
                ),
                (
                    "overdue_interest",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="逾期利息"
                    ),
                ),
                ("has_government_contract", models.BooleanField(blank=True, null=True, verbose_name="有政府采购合同")),
                ("domestic_product_confirmed", models.BooleanField(blank=True, null=True, verbose_name="本国产品认定")),
                (
                    "export_value",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=18, null=True, verbose_name="上年度出口额"
                    ),
                ),
                ("export_insured", models.BooleanField(blank=True, null=True, verbose_name="出口信用保险")),
                ("cbec_retail_export", models.BooleanField(blank=True, null=True, verbose_name="跨境零售出口")),
                (
                    "market_projects",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=40),
                        blank=True,
                        null=True,
                        size=None,
                        verbose_name="市场开拓项目",
                    ),
                ),
                ("trade_fund_confirmed", models.BooleanField(blank=True, null=True, verbose_name="外贸资金条件确认")),
                ("listing_stage", models.CharField(blank=True, max_length=40, null=True, verbose_name="上市阶段")),
                ("leases_standard_plant", models.BooleanField(blank=True, null=True, verbose_name="租用标准厂房")),
                ("newly_above_scale", models.BooleanField(blank=True, null=True, verbose_name="首次上规入统")),
                ("risk_pool_bank", models.BooleanField(blank=True, null=True, verbose_name="风险补偿银行")),
                (
                    "textile_support_confirmed",
                    models.BooleanField(blank=True, null=True, verbose_name="纺织补贴条件确认"),
                ),
                (
                    "freight_support_confirmed",
                    models.BooleanField(blank=True, null=True, verbose_name="出疆运费补贴确认"),
                ),
                ("sme_fund_call", models.BooleanField(blank=True, null=True, verbose_name="专项资金年度申报")),
                (
                    "organisation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="facts",
                        serialize=False,
                        to="registry.organisation",
                    ),
                ),
                ("provenance", models.JSONField(blank=True, default=dict)),
                ("claims", models.JSONField(blank=True, default=dict)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "企业事实",
                "verbose_name_plural": "企业事实",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("legal_form__isnull", True),
                            (
                                "legal_form__in",
                                [
                                    "company",
                                    "farmer_cooperative",
                                    "individual_business",
                                    "other",
                                    "partnership",
                                    "social_organisation",
                                    "sole_proprietorship",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="legal_form_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ownership_type__isnull", True),
                            ("ownership_type__in", ["collective", "foreign", "mixed", "private", "state"]),
                            _connector="OR",
                        ),
                        name="ownership_type_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("registration_status__isnull", True),
                            ("registration_status__in", ["active", "cancelled", "moved_out", "revoked"]),
                            _connector="OR",
                        ),
                        name="registration_status_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("special_zone__isnull", True),
                            (
                                "special_zone__contained_by",
                                [
                                    "cbec_pilot",
                                    "development_zone",
                                    "kashgar_sez",
                                    "khorgos_sez",
                                    "xj_ftz_kashgar",
                                    "xj_ftz_khorgos",
                                    "xj_ftz_urumqi",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="special_zone_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("size_class__isnull", True),
                            ("size_class__in", ["large", "medium", "micro", "not_an_enterprise", "small"]),
                            _connector="OR",
                        ),
                        name="size_class_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("size_class_best__isnull", True),
                            ("size_class_best__in", ["large", "medium", "micro", "not_an_enterprise", "small"]),
                            _connector="OR",
                        ),
                        name="size_class_best_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("size_class_worst__isnull", True),
                            ("size_class_worst__in", ["large", "medium", "micro", "not_an_enterprise", "small"]),
                            _connector="OR",
                        ),
                        name="size_class_worst_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("vat_type__isnull", True), ("vat_type__in", ["general", "small_scale"]), _connector="OR"
                        ),
                        name="vat_type_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("collection_method__isnull", True),
                            ("collection_method__in", ["audit", "deemed"]),
                            _connector="OR",
                        ),
                        name="collection_method_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tax_credit_grade__isnull", True),
                            ("tax_credit_grade__in", ["A", "B", "C", "D", "M"]),
                            _connector="OR",
                        ),
                        name="tax_credit_grade_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("incubator_level__isnull", True),
                            ("incubator_level__in", ["filed_makerspace", "national", "none", "provincial"]),
                            _connector="OR",
                        ),
                        name="incubator_level_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("titles__isnull", True),
                            (
                                "titles__contained_by",
                                [
                                    "hte",
                                    "innovation_demo",
                                    "innovative_sme",
                                    "ip_advantage",
                                    "little_giant",
                                    "single_champion",
                                    "specialized_sme",
                                    "tech_sme",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="titles_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("titles_not_held__isnull", True),
                            (
                                "titles_not_held__contained_by",
                                [
                                    "hte",
                                    "innovation_demo",
                                    "innovative_sme",
                                    "ip_advantage",
                                    "little_giant",
                                    "single_champion",
                                    "specialized_sme",
                                    "tech_sme",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="titles_not_held_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("st_prize_3y__isnull", True),
                            ("st_prize_3y__in", ["national", "none", "provincial"]),
                            _connector="OR",
                        ),
                        name="st_prize_3y_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rd_institution__isnull", True),
                            ("rd_institution__in", ["municipal", "national", "none", "provincial"]),
                            _connector="OR",
                        ),
                        name="rd_institution_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("standards_led__isnull", True),
                            (
                                "standards_led__contained_by",
                                ["group", "industry", "international", "local", "national"],
                            ),
                            _connector="OR",
                        ),
                        name="standards_led_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("tech_contract_types__isnull", True),
                            ("tech_contract_types__contained_by", ["consulting", "development", "other", "transfer"]),
                            _connector="OR",
                        ),
                        name="tech_contract_types_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("certifications__isnull", True),
                            (
                                "certifications__contained_by",
                                ["iso14001", "iso45001", "iso50001", "iso9001", "product"],
                            ),
                            _connector="OR",
                        ),
                        name="certifications_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("green_factory__isnull", True),
                            ("green_factory__in", ["city", "national", "none", "region"]),
                            _connector="OR",
                        ),
                        name="green_factory_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("owner_groups__isnull", True),
                            (
                                "owner_groups__contained_by",
                                [
                                    "disabled",
                                    "employment_difficulty",
                                    "graduate",
                                    "graduate_year",
                                    "poverty_relieved",
                                    "registered_unemployed",
                                    "released_prisoner",
                                    "researcher",
                                    "returning_migrant",
                                    "rural_self_employed",
                                    "unemployed_6m",
                                    "veteran",
                                    "zero_employment_family",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="owner_groups_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("loan_purposes__isnull", True),
                            (
                                "loan_purposes__contained_by",
                                [
                                    "equipment_renewal",
                                    "fixed_asset",
                                    "other",
                                    "service_business",
                                    "startup",
                                    "working_capital",
                                ],
                            ),
                            _connector="OR",
                        ),
                        name="loan_purposes_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("receivable_debtors__isnull", True),
                            (
                                "receivable_debtors__contained_by",
                                ["institution", "large_enterprise", "organ", "other", "public_group", "sme"],
                            ),
                            _connector="OR",
                        ),
                        name="receivable_debtors_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("overdue_debtors__isnull", True),
                            (
                                "overdue_debtors__contained_by",
                                ["institution", "large_enterprise", "organ", "other", "public_group", "sme"],
                            ),
                            _connector="OR",
                        ),
                        name="overdue_debtors_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("market_projects__isnull", True),
                            (
                                "market_projects__contained_by",
                                ["certification", "exhibition", "other", "trademark", "training"],
                            ),
                            _connector="OR",
                        ),
                        name="market_projects_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("listing_stage__isnull", True),
                            ("listing_stage__in", ["filed", "guidance", "listed", "neeq", "none", "regional_equity"]),
                            _connector="OR",
                        ),
                        name="listing_stage_has_listed_members_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("provenance__contains", {}), ("claims__contains", {})),
                        name="provenance_and_claims_are_objects",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Industry",
            fields=[
                ("code", models.CharField(max_length=4, primary_key=True, serialize=False, verbose_name="代码")),
                (
                    "level",
                    models.CharField(
                        choices=[("section", "门类"), ("division", "大类"), ("group", "中类"), ("class", "小类")],
                        max_length=10,
                        verbose_name="层级",
                    ),
                ),
                ("section", models.CharField(max_length=1, verbose_name="门类")),
                ("name_zh", models.CharField(max_length=100, verbose_name="名称")),
                ("name_en", models.CharField(blank=True, max_length=200, verbose_name="英文名称")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="registry.industry",
                    ),
                ),
            ],
            options={
                "verbose_name": "行业",
                "verbose_name_plural": "行业",
                "ordering": ("section", "code"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("code__regex", "^[A-T]$"),
                                ("level", "section"),
                                ("parent", None),
                                ("section", models.F("code")),
                            ),
                            models.Q(("code__regex", "^[0-9]{2}$"), ("level", "division"), ("parent__isnull", False)),
                            models.Q(("code__regex", "^[0-9]{3}$"), ("level", "group"), ("parent__isnull", False)),
                            models.Q(("code__regex", "^[0-9]{4}$"), ("level", "class"), ("parent__isnull", False)),
                            _connector="OR",
                        ),
                        name="the_code_of_an_industry_tells_its_level",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("owner", "负责人"),
                            ("agent", "经办人"),
                            ("officer", "承办人"),
                            ("supervisor", "监督人员"),
                            ("clerk", "文书"),
                            ("administrator", "管理员"),
                            ("auditor", "审计人员"),
                        ],
                        max_length=20,
                        verbose_name="角色",
                    ),
                ),
                ("start", models.DateField(verbose_name="开始日期")),
                ("end", models.DateField(blank=True, null=True, verbose_name="结束日期")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to="registry.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="memberships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "身份",
                "verbose_name_plural": "身份",
                "ordering": ("start", "pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "role__in",
                                ["owner", "agent", "officer", "supervisor", "clerk", "administrator", "auditor"],
                            )
                        ),
                        name="a_hat_has_a_known_role",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("end__isnull", True), ("end__gte", models.F("start")), _connector="OR"),
                        name="a_hat_does_not_end_before_it_begins",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=(
                            ("person", "="),
                            ("organisation", "="),
                            ("role", "="),
                            (huiqi.registry.queries.DateRange("start", "end"), "&&"),
                        ),
                        name="nobody_holds_the_same_hat_twice_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                ("code", models.CharField(max_length=6, primary_key=True, serialize=False, verbose_name="代码")),
                ("name_zh", models.CharField(max_length=60, verbose_name="名称")),
                ("name_en", models.CharField(max_length=80, verbose_name="英文名称")),
                ("name_pinyin", models.CharField(editable=False, max_length=120)),
                (
                    "level",
                    models.CharField(
                        choices=[("autonomous_region", "自治区"), ("prefecture", "地州市"), ("county", "县市区")],
                        max_length=20,
                        verbose_name="级别",
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=30, verbose_name="建制")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="registry.region",
                    ),
                ),
                (
                    "superior",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="inferiors",
                        to="registry.region",
                    ),
                ),
            ],
            options={
                "verbose_name": "地区",
                "verbose_name_plural": "地区",
                "ordering": ("code",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("code")), _negated=True),
                        name="a_region_is_not_its_own_parent",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("superior", models.F("code")), _negated=True),
                        name="a_region_is_not_its_own_superior",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9]{6}$")), name="a_region_code_has_six_digits"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("level__in", ["autonomous_region", "prefecture", "county"])),
                        name="a_region_has_a_known_level",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level", "autonomous_region"), ("parent", None), ("superior", None)),
                            models.Q(
                                models.Q(("level", "autonomous_region"), _negated=True),
                                ("parent__isnull", False),
                                ("superior__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="only_the_autonomous_region_has_nothing_above_it",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="organisation",
            name="region",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="organisations",
                to="registry.region",
                verbose_name="地区",
            ),
        ),
        migrations.CreateModel(
            name="RosterImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file_name", models.CharField(max_length=255, verbose_name="文件名")),
                ("sha256", models.CharField(max_length=64, verbose_name="文件摘要")),
                ("imported_at", models.DateTimeField(auto_now_add=True, verbose_name="导入时间")),
                ("rows", models.PositiveIntegerField(verbose_name="行数")),
                ("new", models.PositiveIntegerField(verbose_name="新增")),
                ("updated", models.PositiveIntegerField(verbose_name="更新")),
                ("unchanged", models.PositiveIntegerField(verbose_name="未变")),
                ("warnings", models.PositiveIntegerField(verbose_name="提示")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_imports",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="roster_imports",
                        to="registry.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "名册导入",
                "verbose_name_plural": "名册导入",
                "ordering": ("-imported_at", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "rows",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("new"), "+", models.F("updated")
                                    ),
                                    "+",
                                    models.F("unchanged"),
                                ),
                            )
                        ),
                        name="every_row_of_an_import_is_new_updated_or_unchanged",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SizeSnapshot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField(verbose_name="日期")),
                ("standard", models.CharField(blank=True, max_length=100, verbose_name="标准文号")),
                ("status", models.CharField(max_length=20, verbose_name="结果")),
                ("size_class", models.CharField(max_length=20, null=True, verbose_name="规模")),
                ("best", models.CharField(max_length=20, null=True, verbose_name="规模上限")),
                ("worst", models.CharField(max_length=20, null=True, verbose_name="规模下限")),
                ("indicators", models.JSONField(verbose_name="所用指标")),
                (
                    "deciding",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=1), default=list, size=None, verbose_name="决定指标"
                    ),
                ),
                ("purpose", models.CharField(max_length=200, verbose_name="用途")),
                ("taken_at", models.DateTimeField(auto_now_add=True, verbose_name="记录时间")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="size_snapshots",
                        to="registry.organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "规模快照",
                "verbose_name_plural": "规模快照",
                "ordering": ("-on", "-pk"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ("determined", "undetermined", "not_covered", "not_an_enterprise"))
                        ),
                        name="a_snapshot_has_a_known_status",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("size_class__isnull", True),
                                ("size_class__in", ("large", "medium", "small", "micro", "not_an_enterprise")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("best__isnull", True),
                                ("best__in", ("large", "medium", "small", "micro", "not_an_enterprise")),
                                _connector="OR",
                            ),
                            models.Q(
                                ("worst__isnull", True),
                                ("worst__in", ("large", "medium", "small", "micro", "not_an_enterprise")),
                                _connector="OR",
                            ),
                        ),
                        name="a_snapshot_has_known_classes",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("size_class__isnull", False), ("status__in", ("determined", "not_an_enterprise"))
                            ),
                            models.Q(("size_class__isnull", True), ("status__in", ("undetermined", "not_covered"))),
                            _connector="OR",
                        ),
                        name="a_determined_size_has_a_class_and_no_other_has",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("declared", "企业声明"),
                            ("certified", "部门认定"),
                            ("imported", "名册导入"),
                            ("derived", "推算"),
                        ],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("made_on", models.DateField(verbose_name="日期")),
                ("certifier_name", models.CharField(blank=True, max_length=200, verbose_name="认定机关名称")),
                ("valid_until", models.DateField(blank=True, null=True, verbose_name="有效期至")),
                ("evidence", models.CharField(blank=True, max_length=500, verbose_name="依据")),
                ("recorded_at", models.DateTimeField(auto_now_add=True, verbose_name="记录时间")),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "certified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="registry.organisation",
                        verbose_name="认定机关",
                    ),
                ),
                (
                    "roster_import",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="statements",
                        to="registry.rosterimport",
                    ),
                ),
            ],
            options={
                "verbose_name": "来源说明",
                "verbose_name_plural": "来源说明",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["declared", "certified", "imported", "derived"])),
                        name="a_statement_has_a_known_source",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("source", "certified"), _negated=True),
                            ("certified_by__isnull", False),
                            models.Q(("certifier_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="a_certified_statement_names_its_certifier",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_until__isnull", True), ("valid_until__gte", models.F("made_on")), _connector="OR"
                        ),
                        name="a_statement_holds_at_least_on_the_day_it_is_made",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=models.Index(fields=["kind", "region"], name="organisations_by_kind_region"),
        ),
        migrations.AddConstraint(
            model_name="organisation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "organ"), _negated=True), ("region__isnull", False), _connector="OR"
                ),
                name="an_organ_serves_a_region",
            ),
        ),
        migrations.RunSQL(FREEZE_SNAPSHOTS, UNFREEZE_SNAPSHOTS),
    ]
