"""What is done in the registry, as the journal tells it."""

from huiqi.rules.words import Words

VERBS = {
    "reference.loaded": Words("载入地区和行业", "loaded regions and industries"),
    "industries.imported": Words("导入行业分类", "imported the classification of industries"),
    "roster.imported": Words("导入企业名册", "imported a roster of enterprises"),
    "demonstration.loaded": Words("载入样例数据", "loaded the demonstration"),
    "declaration.made": Words("申报事实", "declared a fact"),
    "declaration.withdrawn": Words("撤回申报", "withdrew a declaration"),
    "declaration.certified": Words("认定事实", "certified a fact"),
    "declaration.corrected": Words("更正后认定", "corrected and certified a fact"),
    "declaration.refused": Words("不予认定", "refused to certify a fact"),
    "person.registered": Words("注册账号", "registered an account"),
    "person.password_renewed": Words("按新算法保存密码", "kept the password under a newer hash"),
    "hat.requested": Words("申请代表企业", "asked to act for an enterprise"),
    "hat.approved": Words("同意代表企业", "agreed that a person acts for an enterprise"),
    "hat.refused": Words("不同意代表企业", "refused that a person acts for an enterprise"),
    "size.recorded": Words("记录某日规模", "recorded the size on a day"),
}
