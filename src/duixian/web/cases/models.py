"""The casework's nouns. Grain is said at each. A `state` is changed by `actions` only, by compare-and-set on `version`. Amounts in 分."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from duixian.web.language import aside, said, spoken
from duixian.web.registry.models import Division, Party, Seat, Thing

from .bases import Versioned
from .desk import AccountChange, Declaration, Delivery, Intake, SameParty, Sample, Statement
from .states import CYCLE, STATES

__all__ = ["AccountChange", "Application", "Claim", "Comment", "Cycle", "Declaration", "Delivery", "Evidence", "Intake", "Line", "Message", "Notice", "Objection",
           "Opinion", "Payment", "PaymentRequest", "PolicyVersion", "SameParty", "Sample", "Settlement", "SpecialDecision", "Statement"]  # fmt: skip


class PolicyVersion(models.Model):
    """One version of a policy folder, kept whole under `settings.POLICIES`; a case keeps the version it was decided under."""

    policy = models.CharField("政策", max_length=60)
    digest = models.CharField("校验", max_length=64)
    title = models.CharField("标题", max_length=200)
    issuer = models.CharField("发文", max_length=60)
    draft = models.BooleanField("征求意见稿")  # may be tried, never paid
    sound = models.BooleanField("通过检查")
    added = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(Seat, models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "policy_version"
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["policy", "digest"], name="policy_version_once")]

    def __str__(self) -> str:
        return self.title


class Cycle(Versioned):
    """A cycle (申报批次): one policy version, one award year, its days, standards, readings and procedure."""

    name = models.CharField("名称", max_length=120)
    version_of = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="cycles", verbose_name="政策")
    year = models.PositiveSmallIntegerField("奖补年度")
    opens = models.DateField("开始申报")
    closes = models.DateField("申报截止")
    budget_document = models.CharField("预算依据", max_length=200, blank=True)
    standards = models.TextField("年度标准", blank=True)  # the text of standards-〈year〉.md
    readings = models.JSONField("口径", default=list)  # [{reading, option, who, when, document}]
    procedure = models.JSONField("程序", default=list)  # [{stage, name, seat, days, unit}], see procedure.py
    notice_days = models.PositiveSmallIntegerField("公示工作日", default=5)
    state = models.CharField(max_length=12, choices=[(key, words.inside) for key, words in CYCLE.items()], default="preparing")
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    made = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "cycle"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="cycle_days_in_order", condition=Q(opens__lte=F("closes")))]

    def __str__(self) -> str:
        return self.name


class Application(Versioned):
    """An application (申报): one party in one cycle; its claims below. Drafts are applications too."""

    number = models.CharField("编号", max_length=30, unique=True)
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="applications")
    party = models.ForeignKey(Party, models.PROTECT, related_name="applications")
    division = models.ForeignKey(Division, models.PROTECT, related_name="applications")  # as it was when submitted
    state = models.CharField("状态", max_length=12, choices=[(key, words.inside) for key, words in STATES.items()], default="draft")
    paper = models.BooleanField("纸质代录", default=False)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    officer = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="assigned", verbose_name="经办")
    made = models.DateTimeField(auto_now_add=True)
    saved = models.DateTimeField(auto_now=True)
    submitted = models.DateTimeField("提交", null=True, blank=True)
    due = models.DateField("办理期限", null=True, blank=True, db_index=True)
    returned = models.BooleanField("已退回过一次", default=False)  # once, with everything that is missing
    promised = models.BooleanField("承诺书", default=False)
    unread = models.JSONField("没读懂的填写", default=dict)  # name of the field -> what was written: kept, shown again with its error, submitted never

    class Meta:
        db_table = "application"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["cycle", "party"], condition=~Q(state="withdrawn"), name="application_once_a_cycle"),
            models.CheckConstraint(name="application_submitted_has_time", condition=Q(state__in=["draft", "withdrawn"]) | Q(submitted__isnull=False)),
            models.CheckConstraint(name="application_submitted_has_promise", condition=Q(state__in=["draft", "withdrawn"]) | Q(promised=True)),
        ]
        indexes = [
            models.Index(fields=["cycle", "state", "due"], name="application_worklist"),
            models.Index(fields=["state", "due", "id", "by"], name="application_to_do"),  # counts and the order of the worklist, from the index alone
            models.Index(fields=["division", "state", "due", "id"], name="application_of_division"),
        ]

    def __str__(self) -> str:
        return self.number


class Claim(models.Model):
    """A claim: one award for one object within an application."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="claims")
    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="claims")
    award = models.CharField("奖补", max_length=60)
    clause = models.CharField("条款", max_length=60)
    thing = models.ForeignKey(Thing, models.PROTECT, related_name="claims")
    live = models.BooleanField(default=True)  # false once the application is withdrawn or the claim taken out

    class Meta:
        db_table = "claim"
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["cycle", "award", "thing"], condition=Q(live=True), name="claim_once_a_cycle")]

    def __str__(self) -> str:
        return f"{self.award} {self.thing.key}"


class Evidence(models.Model):
    """One uploaded file. `path` is under settings.UPLOADS and never shown; a file is used only once `scan` allows it."""

    class Scan(models.TextChoices):
        """Whether a scanner has seen it."""

        NONE = "none", _("未设查毒")
        CLEAN = "clean", _("已查毒")

    application = models.ForeignKey(Application, models.PROTECT, related_name="evidence")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="evidence")
    material = models.CharField("材料", max_length=120)
    name = models.CharField("文件名", max_length=200)
    path = models.CharField(max_length=120)
    type = models.CharField(max_length=80)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64, db_index=True)
    scan = models.CharField(max_length=8, choices=Scan, default=Scan.NONE)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    removed = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "evidence"
        ordering = ["id"]


class Opinion(models.Model):
    """What a desk found (意见): 属地核实, 审核, 审计. result: a word of the procedure's step."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="opinions")
    stage = models.CharField(max_length=12)  # see procedure.STAGES
    result = models.CharField("结果", max_length=20)
    text = models.TextField("意见", blank=True)
    visited = models.DateField("现场日期", null=True, blank=True)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "opinion"
        ordering = ["id"]


class Comment(models.Model):
    """A note on a case: internal, or shared with the applicant."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="comments")
    text = models.TextField()
    shared = models.BooleanField(default=False)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "comment"
        ordering = ["id"]


class Message(models.Model):
    """One message to one user; sent on by e-mail or SMS from the job that empties the outbox. Title and text are sentences of the catalogue: `said` in the reader's language."""

    user = models.ForeignKey("registry.User", models.PROTECT, related_name="messages_received")
    application = models.ForeignKey(Application, models.PROTECT, null=True, blank=True)
    title = models.CharField(max_length=120)
    text = models.TextField()
    at = models.DateTimeField(auto_now_add=True)
    read = models.DateTimeField(null=True, blank=True)
    sent = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "message"
        ordering = ["-id"]
        indexes = [models.Index(fields=["user"], condition=Q(read=None), name="message_unread")]

    @property
    def heading(self) -> str:
        """The title with the number of the application it is about."""
        return said(self.title) + aside(self.application and self.application.number)


class Settlement(models.Model):
    """One settlement (核算) of a cycle: a trial, or frozen with everything it was made from (a folder of inputs, whose hash is kept)."""

    class State(models.TextChoices):
        """A trial may be thrown away; a frozen one is the decision."""

        TRIAL = "trial", _("试算")
        PROPOSED = "proposed", _("提请确认")
        FROZEN = "frozen", _("已确认")

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="settlements")
    state = models.CharField(max_length=8, choices=State, default=State.TRIAL)
    standards = models.TextField(blank=True)
    readings = models.JSONField(default=dict)
    policy_digest = models.CharField(max_length=64)
    facts_digest = models.CharField(max_length=64)
    result_digest = models.CharField(max_length=64)
    engines = models.CharField(max_length=40)
    payable_fen = models.BigIntegerField()
    remarks = models.JSONField(default=list)  # what the settlement says about itself
    totals = models.JSONField(default=list)
    job = models.OneToOneField("jobs.Job", models.PROTECT, null=True, blank=True)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed = models.DateTimeField(null=True, blank=True)
    document = models.CharField("决定依据", max_length=200, blank=True)

    class Meta:
        db_table = "settlement"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["cycle"], condition=Q(state="frozen"), name="settlement_frozen_once"),
            models.CheckConstraint(name="settlement_frozen_has_second", condition=~Q(state="frozen") | Q(confirmed_by__isnull=False, confirmed__isnull=False)),
            models.CheckConstraint(name="settlement_second_is_other", condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by"))),
        ]


class Line(Versioned):
    """A line of a settlement: one award and object. state moves only once the settlement is frozen (`states.LINE`)."""

    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="lines")
    claim = models.ForeignKey(Claim, models.PROTECT, null=True, blank=True, related_name="lines")
    application = models.ForeignKey(Application, models.PROTECT, null=True, blank=True, related_name="lines")
    award = models.CharField(max_length=60)
    clause = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40)
    object_key = models.CharField(max_length=200)
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="lines")
    outcome = models.CharField(max_length=20)  # values.terms.Outcome, in Chinese
    payable_fen = models.BigIntegerField()
    amounts = models.JSONField(default=list)  # [[stage, 分 or null, reason]], the waterfall in order
    explanation = models.TextField(blank=True)
    explanation_en = models.TextField(blank=True)
    missing = models.JSONField(default=list)
    tier = models.CharField(max_length=120, blank=True)
    nominal_fen = models.BigIntegerField(null=True)
    state = models.CharField(max_length=12, default="computed")

    class Meta:
        db_table = "line"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["settlement", "award", "object_kind", "object_key"], name="line_once"),
            models.CheckConstraint(name="line_not_negative", condition=Q(payable_fen__gte=0)),
        ]

    @property
    def item(self) -> str:
        """Its name in the ledger."""
        return f"line:{self.pk}"

    @property
    def called(self) -> str:
        """What it is called to whom it belongs."""
        return self.award

    @property
    def whom(self) -> Application | Party | None:
        """Whom it is told to: its application where there is one, else its party."""
        return self.application or self.party

    @property
    def told(self) -> str:
        """The explanation in the language of the page, as the settlement gave it."""
        return self.explanation_en if spoken() == "en" and self.explanation_en else self.explanation


class SpecialDecision(Versioned):
    """A decision outside the rules (一事一议, 党组会决定): reasoned, signed by two, never shown as a rule's result."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="special")
    party = models.ForeignKey(Party, models.PROTECT)
    clause = models.CharField("条款", max_length=60)
    subject = models.CharField("事项", max_length=200)
    amount_fen = models.BigIntegerField("金额")
    reason = models.TextField("理由")
    document = models.CharField("会议纪要", max_length=200)
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    confirmed_by = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=12, default="proposed")

    class Meta:
        db_table = "special_decision"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(name="special_amount_positive", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(name="special_second_is_other", condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by"))),
        ]

    @property
    def item(self) -> str:
        """Its name in the ledger."""
        return f"special:{self.pk}"

    @property
    def called(self) -> str:
        """What it is called to its party."""
        return self.subject

    @property
    def whom(self) -> Party:
        """Whom it is told to."""
        return self.party


class Notice(Versioned):
    """A public notice (公示): what was published, byte for byte, and until when. Names, clauses and amounts; nothing personal.

    The first of a cycle is of its frozen settlement, and of the decisions outside the rules there are by then; those that come later have a notice of their own.
    """

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="notices")
    settlement = models.ForeignKey(Settlement, models.PROTECT, related_name="notices")
    title = models.CharField(max_length=200)
    first_day = models.DateField()
    last_day = models.DateField()
    rows = models.JSONField(default=list)  # as published: of lines; those of decisions outside the rules are a kind of their own (`special`)
    digest = models.CharField(max_length=64)
    state = models.CharField(max_length=12, default="published")
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "notice"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="notice_days_in_order", condition=Q(first_day__lte=F("last_day")))]


class Objection(models.Model):
    """An objection (异议) to one row of a notice (a line, or a decision outside the rules), with a real name and a way to answer; suspends that row alone."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    line = models.ForeignKey(Line, models.PROTECT, null=True, blank=True, related_name="objections")
    special = models.ForeignKey(SpecialDecision, models.PROTECT, null=True, blank=True, related_name="objections")
    name = models.CharField("姓名", max_length=60)
    contact = models.CharField("联系方式", max_length=120)
    text = models.TextField("内容")
    state = models.CharField(max_length=12, default="open")  # open | upheld | dismissed
    answer = models.TextField(blank=True)
    at = models.DateTimeField(auto_now_add=True)
    answered_by = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    answered = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "objection"
        ordering = ["id"]


class PaymentRequest(Versioned):
    """A payment request (请款单): prepared by one, checked by another, sent to finance as a whole."""

    cycle = models.ForeignKey(Cycle, models.PROTECT, related_name="payment_requests")
    number = models.CharField(max_length=30, unique=True)
    state = models.CharField(max_length=12, default="prepared")  # states.REQUEST
    by = models.ForeignKey(Seat, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    checked_by = models.ForeignKey(Seat, models.PROTECT, null=True, blank=True, related_name="+")
    checked = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "payment_request"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(name="request_second_is_other", condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("by")))]


class Payment(models.Model):
    """One payment of a request: one line (or special decision) to one party. A line has at most one payment under way or paid."""

    request = models.ForeignKey(PaymentRequest, models.PROTECT, related_name="payments")
    line = models.ForeignKey(Line, models.PROTECT, null=True, blank=True, related_name="payments")
    special = models.ForeignKey(SpecialDecision, models.PROTECT, null=True, blank=True, related_name="payments")
    party = models.ForeignKey(Party, models.PROTECT)
    amount_fen = models.BigIntegerField()
    holder = models.CharField(max_length=120)  # as it was when requested
    bank = models.CharField(max_length=120)
    bank_account = models.CharField(max_length=40)
    state = models.CharField(max_length=12, default="prepared")  # prepared | requested | paid | returned | recalled
    reference = models.CharField("流水号", max_length=80, blank=True)
    settled = models.DateField(null=True, blank=True)
    problem = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "payment"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="payment_of_one_thing", condition=Q(line__isnull=False, special__isnull=True) | Q(line__isnull=True, special__isnull=False)),
            models.CheckConstraint(name="payment_amount_positive", condition=Q(amount_fen__gt=0)),
            models.UniqueConstraint(fields=["line"], condition=Q(line__isnull=False) & ~Q(state__in=["returned", "recalled"]), name="payment_once_a_line"),
            models.UniqueConstraint(fields=["special"], condition=Q(special__isnull=False) & ~Q(state__in=["returned", "recalled"]), name="payment_once_a_special"),
        ]

    @property
    def owed(self) -> Line | SpecialDecision:
        """What it pays: the one of the two that is there."""
        return self.special if self.line is None else self.line
