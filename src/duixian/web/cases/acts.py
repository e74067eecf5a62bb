"""Every act the record signs, in the words of staff: one table for the timeline of a case, the history of a cycle and the record itself."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

WORDS = {
    "application.start": gettext_lazy("开始填写"), "application.claim": gettext_lazy("选了一项奖补"), "application.unclaim": gettext_lazy("去掉一项奖补"),
    "application.answer": gettext_lazy("填报事实"), "application.promise": gettext_lazy("承诺书"), "application.submit": gettext_lazy("提交"),
    "application.withdraw": gettext_lazy("撤回"), "application.verify": gettext_lazy("属地核实"), "application.return": gettext_lazy("退回补正"),
    "application.prolong": gettext_lazy("改补正期限"), "application.accept": gettext_lazy("审核通过"), "application.reject": gettext_lazy("不予受理"), "application.audit": gettext_lazy("审计完成"),
    "application.reopen": gettext_lazy("退回审核"), "application.adjust": gettext_lazy("调整数字"), "application.assign": gettext_lazy("分办"),
    "application.comment": gettext_lazy("留言"), "application.decide": gettext_lazy("核定"), "application.read": gettext_lazy("打开"),
    "application.choose": gettext_lazy("选奖补"), "application.object": gettext_lazy("填写对象"), "application.object_out": gettext_lazy("去掉对象"),
    "application.move": gettext_lazy("办理"),
    "evidence.add": gettext_lazy("上传材料"), "evidence.desk": gettext_lazy("放入办理文件"), "evidence.remove": gettext_lazy("删去材料"), "evidence.read": gettext_lazy("打开材料"),
    "party.contact": gettext_lazy("查阅联系方式和账户"), "party.account": gettext_lazy("收款账户"), "party.enrol": gettext_lazy("登记申报单位"), "party.add": gettext_lazy("代为登记单位"),
    "party.contact.change": gettext_lazy("改联系方式"), "party.account.propose": gettext_lazy("提出改账户"), "party.account.check": gettext_lazy("复核账户"),
    "party.same.propose": gettext_lazy("提出是同一家"), "party.same.check": gettext_lazy("复核是不是同一家"), "party.apart.propose": gettext_lazy("提出不是同一家"), "party.apart.check": gettext_lazy("复核撤回认定"),
    "party.describe": gettext_lazy("改单位信息"),
    "cycle.make": gettext_lazy("建批次"), "cycle.amend": gettext_lazy("改设定"), "cycle.open": gettext_lazy("开始受理"), "cycle.close": gettext_lazy("截止申报"),
    "cycle.reopen": gettext_lazy("重新开放申报"), "cycle.finish": gettext_lazy("办结批次"),
    "audit.sample": gettext_lazy("抽取审计"), "audit.declare": gettext_lazy("声明审计独立"),
    "settlement.try": gettext_lazy("试算"), "settlement.propose": gettext_lazy("提请核定"), "settlement.confirm": gettext_lazy("核定结果"),
    "settlement.discard": gettext_lazy("放弃试算"), "settlement.recompute": gettext_lazy("重新核算"),
    "special.propose": gettext_lazy("提出规则之外的决定"), "special.confirm": gettext_lazy("同意规则之外的决定"), "special.refuse": gettext_lazy("不同意规则之外的决定"),
    "notice.publish": gettext_lazy("公示名单"), "notice.object": gettext_lazy("提出异议"), "notice.answer": gettext_lazy("答复异议"), "notice.finish": gettext_lazy("结束公示"), "notice.wait": gettext_lazy("公示等待"),
    "objection.contact": gettext_lazy("查阅异议人的联系方式"),
    "request.prepare": gettext_lazy("编制请款单"), "request.send": gettext_lazy("发出请款单"), "request.recall": gettext_lazy("撤回请款单"),
    "request.report": gettext_lazy("登记付款结果"), "request.accounts": gettext_lazy("查阅收款账户"),
    "payment.paid": gettext_lazy("登记已付"), "payment.returned": gettext_lazy("登记退回"), "payment.corrected": gettext_lazy("更正付款"), "line.recover": gettext_lazy("追回"),
    "account.appropriate": gettext_lazy("拨入年度总额"), "account.withdraw": gettext_lazy("调减年度总额"),
    "registry.export": gettext_lazy("导出数据"), "parties.export": gettext_lazy("导出主体"), "worklist.export": gettext_lazy("导出待办"),
    "intake.start": gettext_lazy("交来数据表"), "intake.take": gettext_lazy("读数据表"), "intake.confirm": gettext_lazy("确认导入"), "intake.drop": gettext_lazy("放弃导入"),
    "policy.take_in": gettext_lazy("收入政策版本"), "calendar.load": gettext_lazy("装入工作日历"), "delivery.again": gettext_lazy("重发消息"), "messages.read": gettext_lazy("看过消息"),
    "job.stop": gettext_lazy("停止任务"),
    "people.make": gettext_lazy("建工作人员"), "people.give_seat": gettext_lazy("给席位"), "people.end_seat": gettext_lazy("收回席位"), "people.reset_password": gettext_lazy("重设密码"),
    "people.set_active": gettext_lazy("停用或启用"), "people.first": gettext_lazy("建第一个管理员"), "people.from_identity": gettext_lazy("由统一身份认证建账户"),
    "people.seat_vouched_for": gettext_lazy("由统一身份认证给席位"), "people.speak": gettext_lazy("选语言"),
    "signin": gettext_lazy("登录"),
}  # fmt: skip


def words_of(action: str) -> str:
    """An act in words; one that is not in the table by its name."""
    if action.startswith("route."):
        return _("打开不属于这个席位的页面")
    return str(WORDS.get(action, action))


def named(words: str) -> list[str]:
    """The acts whose words hold these."""
    return [action for action, said in WORDS.items() if words in str(said)]
