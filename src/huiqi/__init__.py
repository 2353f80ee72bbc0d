"""Huiqi (惠企): the Xinjiang measures implementing the SME Promotion Law, article by article, as a running service."""
