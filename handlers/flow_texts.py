"""What the form engine says to a member."""

from __future__ import annotations

CONSENT_ASK = "先说清楚一件事：{purpose}\n{consent}\n\n您同意吗？请回复“同意”或“不同意”。"
INTRO = "【{title}】{intro}"
EVIDENCE = "请先准备好：{evidence}。"
CONSENT_UNCLEAR = "这一步要您明确说一声，请回复“同意”或“不同意”。"
CONSENT_STUCK = (
    "不着急。愿意就回复“同意”，不愿意就回复“不同意”；想再看看，回复“暂停”，"
    "想问清楚，直接问我，或者回复“人工”请工会的同志来说。"
)
CONSENT_FIRST = "照片请等您同意以后再发，现在还没有保存。"
REFUSED_CONSENT = (
    "好的，尊重您的决定，什么都没有保存。哪天想办了，再跟我说“{title}”就行；"
    "也可以回复“人工”，当面或电话办理。"
)

ITEM = "（第 {at} 项，共 {total} 项）{ask}"
ROUND_ITEM = "（第 {at} 项，共 {total} 项；第 {round} 位）{ask}"
ROUND_HINT = "也可以一次说完，例如：{example}。"
SKIPPABLE = "不想填可以回复“跳过”。"
NOW_HOLDS = "现在填的是：{value}。不改就回复“继续”，要改直接发新的。"
SEVERAL = "可以选几项，例如回复“1 2”。"
OFFER = "我们这里登记的是 {value}，还用这个吗？也可以直接发新的。"
PHOTO_COUNT = "已收到 {count} 张。"
PHOTO_BOUNDS = "至少 {least} 张，最多 {most} 张，发完请回复“完成”。"
PHOTO_OPTIONAL = "最多 {most} 张，发完请回复“完成”。"
PHOTO_ENOUGH = "还要接着发就直接发，发完了请回复“完成”。"

NOTED = "已记下【{label}】：{value}。"
NOTED_SEVERAL = "已记下：\n{lines}"
CHANGED = "已把【{label}】从 {before} 改成 {after}。"
SAME = "【{label}】本来就是 {value}，没有变。"
NOT_CHANGED = "【{label}】没有改：{sentence}"
NOT_NOTED = "【{label}】没有记下：{sentence}"
LEFT_SUM = "您说的{said}，这张表里没有要填的地方，我没有记；{way}"
LEFT_WORDS = "您说的{said}，我没有记；{way}"
TOLD_TOO_SOON = "您说的{said}，请照下面问的一项一项说，我好记对地方。"
TWO_VALUES = "您说了不止一个，请只说一个，例如：{example}。"
LEFT_TO_STORY = "想让经办的同志知道，问到【{label}】时写上就行。"
LEFT_TO_STORY_AGAIN = "想让经办的同志知道，回复“修改{label}”写上就行。"
LEFT_TO_PERSON = "想让经办的同志知道，回复“人工”跟工会的同志说一声。"
EXAMPLE = "可以照这个样子写：{example}。"
STUCK = "一时填不上也没关系，可以回复“暂停”以后再填，或者回复“人工”，请工会的同志帮您。"

PHOTOS_GOT = "照片收到了，【{label}】已收到 {count} 张。"
PHOTOS_FULL = "【{label}】最多 {most} 张，已经收满了，后面的没有留。"
PHOTOS_NONE = "这份申请不用发照片，刚才的没有留。"
PHOTOS_FEW = "【{label}】至少要 {least} 张，现在有 {count} 张，还差 {short} 张。"
PHOTO_WANTED = "这一项要发照片，点右下角的“＋”选“照片”或“拍摄”就可以。"
PHOTOS_CLEARED = "【{label}】原来的照片已经去掉了，请重新发。"

NOT_OPTIONAL = "【{label}】这一项必须填，不能跳过。手边没有的话，回复“暂停”，找到了再接着填。"
SKIPPED = "好的，【{label}】先不填。"
KEPT = "好的，【{label}】不改。"
FIRST_ALREADY = "这已经是第一项了。"
PAUSED = "好的，先放着，填好的 {done} 项都替您留着。想接着填的时候，跟我说“继续”就行。"
PERSON = "好的，这就转给工会的同志。填好的内容都替您留着，随时可以回复“继续”接着填。"
ASK_CANCEL = (
    "真的不办了吗？已填的 {done} 项会删掉。确定就回复“确定取消”；"
    "只是想先放一放，请回复“暂停”；接着填请回复“继续”。"
)
CANCELLED = "好的，已经取消，填过的内容都删掉了。以后想办，再跟我说“{title}”就行。"
ASK_RESTART = "从头填的话，已填的 {done} 项会清空。确定就回复“确定重填”；接着填请回复“继续”。"
RESTARTED = "好的，我们从头来。"
ALREADY_HERE = "您正在填的就是【{title}】，我们接着来。"
ONWARD = "好的，我们接着填。"

WHICH_ITEM = "要改哪一项？点一下，或者回复“修改第 3 项”这样的话。"
NO_SUCH_ITEM = "没有第 {number} 项，一共 {total} 项。"
NOT_REACHED = "【{label}】还没有填到，轮到的时候再填就好。"
AMEND = "好的，我们改【{label}】。"
ROUNDS = (
    "现在有 {count} 位：\n{lines}\n要改就回复“改第 1 位”，去掉回复“删除第 1 位”，"
    "添人回复“再加一位”，不改回复“继续”。"
)
ROUND_GONE = "已去掉第 {number} 位。"
ROUND_NEEDED = "至少要登记 {least} 位，不能再去掉了。"
ROUND_FULL = "最多登记 {most} 位，已经满了。"
MORE_UNCLEAR = "还有的话请回复“还有”，没有了请回复“没有了”。"

RESUME = "上次填到第 {at} 项（{label}），还差 {left} 项。我们接着来。"
RESUME_CONFIRM = "上次已经填完了，就差您核对一下。"
RESUME_CONSENT = "上次还没有开始填。"
CONFIRM = (
    "都填好了，请您核对一遍（现在还没有交上去）：\n{summary}\n\n"
    "没有问题请回复“确认提交”；要改请回复“修改第几项”，或者直接说“电话改成……”。"
)
NOT_SENT = "还没有交上去。核对没问题请回复“确认提交”；要改请说“修改第几项”。"
NOT_ANSWERED = "没有填"
LINE = "{at}. {label}：{value}"
EMPTY_ROUND = "还没有填"

AGREE, DISAGREE = "同意", "不同意"
SKIP, GO_ON, PAUSE, DONE = "跳过", "继续", "暂停", "完成"
USE_IT, USE_OTHER = "就用这个", "换一个"
STILL, NO_MORE = "还有", "没有了"
SEND, AMEND_SOME = "确认提交", "修改某项"
SURE_CANCEL, SURE_RESTART = "确定取消", "确定重填"
ONE_MORE = "再加一位"
PERSON_LABEL = "人工"
