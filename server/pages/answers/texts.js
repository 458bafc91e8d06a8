// Every text of the page: Chinese, English.

export const TEXTS = {
  title: ['出院随访', 'Follow-up after discharge'],
  emergency: ['紧急情况拨打 120', 'Emergency: call 120'],
  otherLanguage: ['English', '中文'],
  sizes: ['字号', 'Size of the text'],
  size1: ['大字', 'Large text'],
  size2: ['更大字', 'Larger text'],
  size3: ['特大字', 'Largest text'],
  loading: ['请稍候……', 'One moment…'],

  codeHeading: ['请输入验证码', 'Enter your code'],
  codeHint: ['验证码是另一条短信里的 6 位数字。', 'The code is the six digits of the other text message.'],
  codeLabel: ['6 位验证码', 'Six digits'],
  codeShort: ['验证码是 6 位数字。', 'The code has six digits.'],
  codeNone: ['没有收到?请打电话给随访护士,请她重新发送。', 'It has not come? Call the nurse and ask her to send it again.'],
  open: ['打开', 'Open'],

  whoHeading: ['请核对:这是关于谁的?', 'Whom is this about?'],
  whoAbout: ['患者:', 'Patient: '],
  whoFrom: ['随访单位:', 'Asked by: '],
  whoAnswers: ['现在是谁在回答?', 'Who answers?'],
  whoSelf: ['患者本人', 'The patient'],
  whoProxy: ['家人或照护者', 'Family or a carer'],
  whoChoose: ['请选择是谁在回答。', 'Choose who answers.'],
  whoWrong: ['不认识这位患者?请不要回答,打电话给随访单位。', 'You do not know this patient? Do not answer; call whoever asks.'],
  kept: ['已恢复您上次在这部手机上填写的内容。', 'What you filled in on this phone before is still here.'],
  begin: ['开始', 'Begin'],

  step: ['第 {n} 题,共 {all} 题', 'Question {n} of {all}'],
  yes: ['有 / 是', 'Yes'],
  no: ['没有 / 否', 'No'],
  next: ['下一题', 'Next'],
  back: ['上一题', 'Back'],
  skip: ['不知道 / 没有测,跳过', 'Not known or not measured: skip'],
  skipScale: ['跳过“{name}”', 'Skip “{name}”'],
  range: ['{min} 到 {max}', '{min} to {max}'],
  otherWay: ['如果量不了,可以改填:', 'If that cannot be measured, this instead:'],
  notKnown: ['不知道?请打电话给随访单位,护士可以代填。', 'Not known? Call whoever asks; a nurse can fill this in.'],
  unknownKind: ['这道题无法在此页面回答,请打电话给随访护士。', 'This page cannot show this question. Call the nurse, please.'],

  checkHeading: ['请核对您的回答', 'Check your answers'],
  change: ['修改', 'Change'],
  changeOf: ['修改:{question}', 'Change: {question}'],
  none: ['未填', 'No answer'],
  incomplete: ['还有题目没有回答。', 'Some questions have no answer yet.'],
  toIncomplete: ['去回答', 'Answer them'],
  send: ['发送', 'Send'],
  sending: ['正在发送……', 'Sending…'],
  yourAnswers: ['您的回答只发给随访单位。', 'Your answers go to whoever asks, and to nobody else.'],

  callHeading: ['请现在就拨打 120', 'Call 120 now'],
  callButton: ['拨打 120', 'Call 120'],
  callWhy: ['根据您的回答,情况紧急。不要等电话,也不要等回复。', 'By your answers this is an emergency. Do not wait for a call or an answer.'],
  actHeading: ['请现在就这样做', 'Do this now'],
  actWhy: ['您的回答已经收到。请不要只是等待,先按下面做:', 'Your answers are in. Do not just wait; do this first:'],
  worse: ['情况加重时,立即拨打 120。', 'If it gets worse, call 120 at once.'],
  fineHeading: ['已收到,谢谢', 'Thank you, your answers are in'],
  fineWhy: ['回答中没有发现需要马上处理的情况。', 'Nothing in them calls for action right now.'],
  changed: ['以后如有变化,请打电话给随访单位;紧急情况立即拨打 120。', 'If anything changes, call whoever asked; in an emergency call 120 at once.'],
  callCentre: ['打电话给{name}', 'Call {name}'],
  purged: ['这部手机上没有留下您的回答。现在可以关闭此页面。', 'Your answers are not kept on this phone. You may close this page.'],

  badLink: ['网络不通', 'No connection'],
  badLinkOpen: ['网络不通。请检查网络后再试一次。', 'No connection. Check the network and try again.'],
  badLinkSend: ['还不知道是否发送成功。您的回答保存在这部手机上,请再试一次;重复发送没有关系。', 'It is not certain that they arrived. Your answers are kept on this phone; try again. Sending twice does no harm.'],
  busy: ['系统繁忙,请过一会儿再试。您的回答保存在这部手机上。', 'The service is busy. Try again in a moment; your answers are kept on this phone.'],
  notSent: ['没有发送成功', 'Not sent'],
  urgentAnyway: ['身体不适不要等:请打电话给随访护士,紧急情况立即拨打 120。', 'If you are unwell do not wait: call the nurse, in an emergency 120.'],
  again: ['再试一次', 'Try again'],
  problem: ['暂时无法继续', 'This does not work now'],

  answer_missing: ['请回答这道题。', 'Please answer this question.'],
  answer_out_of_range: ['请填 {min} 到 {max} 之间的数。', 'Enter a number from {min} to {max}.'],
  answer_wrong_kind: ['请只填数字,小数最多 {decimals} 位。', 'Enter a number with at most {decimals} decimals.'],
  answer_unknown_question: ['这道题已经不再需要,请重新打开链接。', 'This is not asked any more; open the link again.'],
  field_invalid: ['请检查这道题的回答。', 'Check this answer, please.'],
};

// Links that do not open any more: heading and what to do.
export const ENDS = {
  answer_link_invalid: [
    ['链接不完整', '请从短信里重新点开完整的链接;仍然打不开,请打电话给随访护士。'],
    ['The link is not complete', 'Open the whole link from the text message again. If that does not help, call the nurse.'],
  ],
  answer_link_used: [
    ['已经回答过了', '这个链接的回答已经收到,不用再填。'],
    ['Answered already', 'The answers of this link are in; there is nothing more to fill in.'],
  ],
  answer_link_expired: [
    ['链接已过期', '这个链接已经过期,或者您收到了更新的链接。请用最新的短信,或打电话给随访护士重新发送。'],
    ['The link has expired', 'Its time is over, or a newer link has come. Use the newest text message, or ask the nurse for another.'],
  ],
  answer_link_spent: [
    ['验证码错误次数过多', '这个链接已作废。请打电话给随访护士重新发送。'],
    ['Too many wrong codes', 'This link is void. Ask the nurse for another.'],
  ],
  follow_task_state: [
    ['这次随访已经结束', '随访护士已经完成或结束了这次随访,不用再填。'],
    ['This follow-up is over', 'The nurse has finished it; there is nothing more to fill in.'],
  ],
};
