"""What is said in more than one place, or has no topic of its own."""

from __future__ import annotations

from handlers.types import Choice

BROKEN = "抱歉，这条消息我没能处理好，已经转给了工会工作人员，他们会在这里回复您。"
WELCOME = (
    "您好，我是连心桥，省直机关工会的服务助手。\n"
    "子女助学、活动报名、政策咨询，都可以直接跟我说，像平时聊天一样就行；别的事我帮您找工作人员。"
)
CAN_DO = (
    "我能帮您办这些事：\n"
    "· 金秋助学：孩子升学，申请助学\n"
    "· 活动报名：看活动、报名、取消\n"
    "· 政策咨询：休假、产假、工伤、社保，直接问\n"
    "· 我的申请：看办到哪一步了\n"
    "· 人工：找工会工作人员"
)
NOT_UNDERSTOOD = "我没太听懂您的意思。您可以换个说法，或者点下面的选项："
DID_YOU_MEAN = "我不太确定您的意思，您是想："
SOUNDS_HARD = (
    "听起来您最近不太容易，愿意的话可以慢慢跟我说。也可以约心灵驿站的老师聊聊，或者找工会的同志："
)
NOT_FOR_THE_FORM = "这句话我没看懂。要找工作人员，随时发“人工”。"
PASSED_ON = (
    "我没能帮上忙，已经把您的话转给工会工作人员了，他们会在这里回复您。\n"
    "等待的时候您可以继续补充，不会丢。想让我接着服务，发“返回”就行。"
)
PASSED_TO_STAFF = (
    "好的，已经转给工会工作人员（编号 {number}），他们会在这里回复您。\n"
    "您可以先把情况说一说，写的内容都会一起转过去。想让我接着服务，发“返回”就行。"
)
ALREADY_WITH_STAFF = (
    "工作人员已经收到您的消息了（编号 {number}），会在这里回复您。您可以继续补充。"
)
STAFF_HAVE_THE_WORD = (
    "现在由工会工作人员接待您，您说的他们都看得到。想让我马上接着办，点“返回”或者发“返回”。"
)
STAY_WITH_ME = (
    "我在，您说的每一句工会的同志都会看到。\n"
    "要是撑不住了，请马上打 120 或 12356，身边有人就叫他陪着您。"
)
FINE = Choice("我没事，接着办", "我没事，接着办")
BACK_AGAIN = "好的，我回来了。{rest}有什么需要，直接跟我说。"
KIND_UNKNOWN = "这种消息我还看不懂。您可以打字告诉我，或者发“人工”找工作人员。"
PICTURE_UNASKED = (
    "照片收到了，不过现在没有正在填的申请需要照片，所以没有保存。"
    "如果是补充申请材料，先发“我的申请”，再发照片。"
)
NOT_HERE_YET = "{what}目前还不能在这里直接办，我可以帮您转给工会工作人员。"

MENU = (
    Choice("金秋助学", "金秋助学"),
    Choice("看活动", "活动"),
    Choice("政策咨询", "政策"),
    Choice("我的申请", "我的申请"),
    Choice("找工作人员", "人工"),
)
# What an unsure meaning is offered as; a tap says a command that leads there and nowhere else.
MEANINGS = {
    "help": Choice("看我能帮您办什么", "菜单"),
    "feedback": Choice("反映问题、提建议", "反映问题"),
    "bind": Choice("绑定身份、加入工会", "绑定"),
    "profile": Choice("看我的信息", "我的信息"),
    "privacy": Choice("管理我的个人数据", "我的数据"),
    "aid_hardship": Choice("困难职工建档和帮扶", "困难帮扶"),
    "aid_tuition": Choice("申请金秋助学", "金秋助学"),
    "aid_medical": Choice("大病医疗互助", "医疗互助"),
    "aid_women": Choice("女职工安康险", "安康险"),
    "aid_condolence": Choice("申请慰问", "慰问"),
    "aid_progress": Choice("看我的申请", "我的申请"),
    "aid_supplement": Choice("补充申请材料", "补充材料"),
    "aid_withdraw": Choice("撤回申请", "撤回申请"),
    "event_list": Choice("看有哪些活动", "活动"),
    "event_signup": Choice("报名活动", "报名"),
    "event_cancel": Choice("取消报名", "取消报名"),
    "event_mine": Choice("看我的报名", "我的报名"),
    "event_checkin": Choice("活动签到", "签到"),
    "club_join": Choice("加入或退出兴趣小组", "兴趣小组"),
    "job_search": Choice("找工作、看招聘", "春风行动"),
    "cooling": Choice("夏送清凉的物资", "夏送清凉"),
    "counsel_book": Choice("约心理咨询", "心灵驿站"),
    "quiz": Choice("答题、看得分", "答题"),
    "survey": Choice("填问卷", "问卷"),
    "pairing": Choice("结对帮带", "结对帮扶"),
    "notice_on": Choice("打开通知", "打开通知"),
    "notice_off": Choice("少收或不收通知", "退订"),
    "policy": Choice("问政策", "政策"),
}
STAFF = Choice("找工作人员", "人工")
