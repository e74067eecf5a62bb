"""Who there is and what is known. Grain: one row per division, party, user, seat, object, fact and source."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from duixian.web.language import aside


class Division(models.Model):
    """An administrative division (属地): a township, a street, a district. Verifiers sit in one."""

    code = models.CharField("代码", max_length=12, unique=True)
    name = models.CharField("名称", max_length=60)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        db_table = "division"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Party(models.Model):
    """A party (主体) that may apply and be paid. `code` is its identity: a credit code, a village code, never a person's identity number.

    same_as: the party it turned out to be (two persons have said so): it applies no more, and what was paid to it counts for that one.
    """

    class Kind(models.TextChoices):
        """主体类型, in the words of the vocabulary."""

        ENTERPRISE = "企业"
        HOUSEHOLD = "个体工商户"
        COOPERATIVE = "农民专业合作社"
        ORGANISATION = "社会组织"
        VILLAGE = "行政村"
        TOWNSHIP = "乡镇"
        PERSON = "自然人"

    kind = models.CharField("主体类型", max_length=10, choices=Kind)
    code = models.CharField("主体代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=120)
    division = models.ForeignKey(Division, models.PROTECT, verbose_name="属地", related_name="parties")
    # personal and banking data: read only through queries that sign the book, never in anything published
    contact = models.CharField("联系人", max_length=40, blank=True)
    phone = models.CharField("电话", max_length=30, blank=True, db_index=True)
    email = models.EmailField("邮箱", blank=True, db_index=True)
    bank_holder = models.CharField("开户名", max_length=120, blank=True)
    bank_name = models.CharField("开户行", max_length=120, blank=True)
    bank_account = models.CharField("账号", max_length=40, blank=True, db_index=True)
    same_as = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="folded", db_index=False)

    class Meta:
        db_table = "party"
        ordering = ["code"]
        constraints = [models.CheckConstraint(name="party_is_itself", condition=Q(same_as__isnull=True) | ~Q(same_as=models.F("pk")))]
        indexes = [models.Index(fields=["same_as"], condition=Q(same_as__isnull=False), name="party_folded")]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_account(self) -> str:
        """The account with only its last four digits."""
        return f"···· {self.bank_account[-4:]}" if self.bank_account else ""


class User(AbstractUser):
    """A person who signs in. What they may do hangs on their seats, never on the user."""

    first_name = last_name = None  # one name
    name = models.CharField("姓名", max_length=40)
    phone = models.CharField("手机", max_length=20, blank=True)
    last_seen = models.DateTimeField(null=True, blank=True, editable=False)
    language = models.CharField(max_length=10, blank=True, editable=False)  # last chosen on a page; messages go out in it. '': Chinese

    REQUIRED_FIELDS = ["name"]

    class Meta:
        db_table = "user"

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """The one name."""
        return str(self)

    get_short_name = get_full_name


class Role(models.TextChoices):
    """The seats there are (席位). The public has none."""

    APPLICANT = "applicant", _("申报单位")
    TOWNSHIP = "township", _("属地核实")
    OFFICER = "officer", _("经办")
    HEAD = "head", _("负责人")
    AUDITOR = "auditor", _("审计")
    FINANCE = "finance", _("财政")
    ADMIN = "admin", _("管理员")


class Seat(models.Model):
    """A seat (席位): a user in a role, for a party (申报单位) or a division (属地核实). Ended, never deleted."""

    user = models.ForeignKey(User, models.PROTECT, related_name="seats")
    role = models.CharField("席位", max_length=10, choices=Role)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="seats")
    division = models.ForeignKey(Division, models.PROTECT, null=True, blank=True, related_name="seats")
    since = models.DateTimeField(auto_now_add=True)
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "seat"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="seat_of_applicant_has_party", condition=Q(role="applicant", party__isnull=False) | (~Q(role="applicant") & Q(party__isnull=True))),
            models.CheckConstraint(name="seat_of_township_has_division", condition=Q(role="township", division__isnull=False) | (~Q(role="township") & Q(division__isnull=True))),
            models.UniqueConstraint(fields=["user", "role"], condition=Q(ended__isnull=True, party__isnull=True, division__isnull=True), name="seat_once"),
            models.UniqueConstraint(fields=["user", "party"], condition=Q(ended__isnull=True, party__isnull=False), name="seat_once_a_party"),
            models.UniqueConstraint(fields=["user", "division"], condition=Q(ended__isnull=True, division__isnull=False), name="seat_once_a_division"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.get_role_display() + aside(self.party or self.division)


class Thing(models.Model):
    """An object of the vocabulary (对象) with a stable identity: once-only rules hang on it. `party`: whose it is; may apply for it.

    label: not stored; its name, where a page has asked for it (`objects.names_of`).
    """

    label: str = ""

    kind = models.CharField("对象", max_length=40)
    key = models.CharField("标识", max_length=200, db_index=True)
    party = models.ForeignKey(Party, models.PROTECT, null=True, blank=True, related_name="things")
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "thing"
        ordering = ["kind", "key"]
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="thing_identity")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Source(models.TextChoices):
    """Where a fact comes from (来源), kept apart. The order of use is `facts.PRECEDENCE`."""

    DECLARED = "declared", _("申报")
    STATISTICS = "statistics", _("统计直报")
    THIRD = "third", _("第三方数据")
    REGISTER = "register", _("登记")
    VERIFIED = "verified", _("属地核实")
    REVIEWED = "reviewed", _("审核")
    AUDITED = "audited", _("审计")


class Import(models.Model):
    """One spreadsheet taken in: its hash, its source, what it changed."""

    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, choices=Source)
    year = models.PositiveSmallIntegerField()
    by = models.ForeignKey(Seat, models.PROTECT)
    at = models.DateTimeField(auto_now_add=True)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "fact_import"
        ordering = ["-id"]


class Fact(models.Model):
    """One fact of one object, period and source. A newer one of the same source ends the older; nothing is edited.

    value: `facts.encode` of the exact value. period: a year, '' (no period) or a window of two dates. award: the award whose claim it belongs to
    (facts of the claim, 申报), else ''. other: not stored; the number of another application of the same firm that states it, where a page shows both.
    """

    other: str = ""
    thing = models.ForeignKey(Thing, models.PROTECT, related_name="facts")
    award = models.CharField(max_length=60, blank=True)
    name = models.CharField("事实", max_length=60)
    period = models.CharField("期间", max_length=24, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source)
    value = models.TextField("值")
    reason = models.TextField("理由", blank=True)
    by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    batch = models.ForeignKey(Import, models.PROTECT, null=True, blank=True, related_name="facts")
    ended = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "fact"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["thing", "award", "name", "period", "source"], condition=Q(ended__isnull=True), name="fact_current_once")]
        indexes = [models.Index(fields=["thing", "name"], name="fact_thing_name")]


class Earlier(models.Model):
    """An earlier payment (历史): of this policy, a repealed one or another, before this system or outside it. amount in 分."""

    policy = models.CharField("政策", max_length=60)
    award = models.CharField("奖补", max_length=60)
    year = models.PositiveSmallIntegerField("年度")
    object_key = models.CharField("标识", max_length=200, db_index=True)
    amount_fen = models.BigIntegerField("金额")
    document = models.CharField("依据", max_length=20)
    recipient = models.CharField("受益人", max_length=120, blank=True)
    tier = models.CharField("档", max_length=120, blank=True)
    standard_fen = models.BigIntegerField("档位标准", null=True, blank=True)
    keys = models.JSONField(default=list)
    batch = models.ForeignKey(Import, models.PROTECT, null=True, blank=True)

    class Meta:
        db_table = "earlier"
        ordering = ["id"]
        constraints = [models.CheckConstraint(name="earlier_amount_positive", condition=Q(amount_fen__gt=0))]
