//! Every problem code with its status and its texts. One line each language: title, then detail.

use axum::http::StatusCode;
use entity::enums::Language;

macro_rules! codes {
    ($($(#[$meta:meta])* $variant:ident $text:literal $status:literal
        zh $zh_title:literal $zh:literal
        en $en_title:literal $en:literal;)+) => {
        /// A stable problem code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $(
                $(#[$meta])*
                #[doc = $en]
                $variant,
            )+
        }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as sent.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// HTTP status of an answer with this code.
            pub fn status(self) -> StatusCode {
                let status: u16 = match self { $(Self::$variant => $status),+ };
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            }

            /// Short text.
            pub const fn title(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Zh) => $zh_title,
                      (Self::$variant, Language::En) => $en_title,)+
                }
            }

            /// Full text with `{name}` places.
            pub const fn detail(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$variant, Language::Zh) => $zh,
                      (Self::$variant, Language::En) => $en,)+
                }
            }

            /// The code of a domain error, by its text.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    // The request as such.
    MalformedJson "malformed_json" 400
        zh "JSON 格式错误" "请求体不是有效的 JSON(第 {line} 行第 {column} 列)。请检查后重发。"
        en "Malformed JSON" "The body is not valid JSON (line {line}, column {column}). Correct it and send it again.";
    InvalidRequest "invalid_request" 422
        zh "请求内容有误" "有字段不符合要求,见 errors。未作任何更改。"
        en "Invalid request" "Some fields are not acceptable; see errors. Nothing was changed.";
    FieldInvalid "field_invalid" 422
        zh "字段有误" "该字段的值不符合要求:{reason}。"
        en "Invalid field" "The value is not acceptable: {reason}.";
    ValueInvalid "value_invalid" 422
        zh "值不符合要求" "该字段的值不符合要求,请对照接口说明。"
        en "Not acceptable" "The value does not fit this field; see its description.";
    NumberExpected "number_expected" 422
        zh "应为数字" "应为数字,不加引号;计数须为整数。"
        en "Not a number" "Send a number, without quotes; a count is a whole number.";
    TextExpected "text_expected" 422
        zh "应为文字" "应为文字,须加引号,不能为空值(null)。"
        en "Not a text" "Send a text in quotes, not null.";
    FlagExpected "flag_expected" 422
        zh "应为是或否" "应为 true 或 false,不加引号。"
        en "Not a yes or no" "Send true or false, without quotes.";
    ListExpected "list_expected" 422
        zh "应为列表" "应为 JSON 列表。"
        en "Not a list" "Send a JSON list.";
    ObjectExpected "object_expected" 422
        zh "应为对象" "应为 JSON 对象。"
        en "Not an object" "Send a JSON object.";
    DateTimeInvalid "date_time_invalid" 422
        zh "日期或时间有误" "日期写作 2026-03-31;时间写作 2026-03-31T09:00:00+08:00,须带时区。"
        en "Not a date or time" "Write a date as 2026-03-31, a time as 2026-03-31T09:00:00+08:00, with its offset.";
    IdInvalid "id_invalid" 422
        zh "编号有误" "不是有效的编号(UUID)。"
        en "Not an id" "That is not an id (a UUID).";
    CodeForm "code_form" 422
        zh "代码有误" "代码的字母或长度不符合规定,请照目录填写。"
        en "Not a code" "The code has other letters or another length than such codes have; take it from the catalogue.";
    FieldTwice "field_twice" 422
        zh "字段重复" "字段 {name} 出现了不止一次。"
        en "Field twice" "The field {name} stands there more than once.";
    ValueTwice "value_twice" 422
        zh "内容重复" "该内容出现了不止一次。"
        en "Stands there twice" "The same stands there more than once.";
    FieldNotHere "field_not_here" 422
        zh "字段不适用" "该字段与其他字段不符,请删除。"
        en "Does not belong here" "The field does not go with the others; leave it out.";
    StaffField "staff_field" 422
        zh "仅限工作人员填写" "该字段仅限工作人员填写,请删除。"
        en "For staff only" "Only staff may send this field; leave it out.";
    FieldUnknown "field_unknown" 422
        zh "未知字段" "没有名为 {name} 的字段。"
        en "Unknown field" "There is no field named {name}.";
    FieldMissing "field_missing" 422
        zh "缺少字段" "缺少字段 {name}。"
        en "Missing field" "The field {name} is missing.";
    TextLength "text_length" 422
        zh "文字长度不符" "文字长度应为 {min} 到 {max} 个字符。"
        en "Text length" "The text must have {min} to {max} characters.";
    TextControlCharacter "text_control_character" 422
        zh "含有控制字符" "文字中含有不可见的控制字符,请删除。"
        en "Control character" "The text holds an invisible control character; remove it.";
    TooMany "too_many" 422
        zh "数量过多" "最多 {limit} 条。"
        en "Too many" "There can be at most {limit} of these.";
    QueryInvalid "query_invalid" 400
        zh "查询参数有误" "有查询参数不符合要求,见 errors。"
        en "Invalid query" "A query parameter is not acceptable; see errors.";
    PathInvalid "path_invalid" 404
        zh "未找到" "地址中的编号无效。"
        en "Not found" "The id in the address is not valid.";
    CursorInvalid "cursor_invalid" 400
        zh "翻页标记无效" "翻页标记无效,请从第一页重新开始。"
        en "Invalid cursor" "The cursor is not valid; start again from the first page.";
    UnsupportedMediaType "unsupported_media_type" 415
        zh "不支持的内容类型" "请使用 {expected}。"
        en "Unsupported media type" "Use {expected}.";
    BodyTooLarge "body_too_large" 413
        zh "请求体过大" "请求体超过 {limit} 字节的上限。"
        en "Body too large" "The body is over the limit of {limit} bytes.";
    NotFound "not_found" 404
        zh "未找到" "没有找到,或您无权查看。"
        en "Not found" "There is no such thing, or it is not yours to see.";
    MethodNotAllowed "method_not_allowed" 405
        zh "方法不允许" "该地址不支持此方法。"
        en "Method not allowed" "This address does not take this method.";
    RateLimited "rate_limited" 429
        zh "请求过于频繁" "请在 {seconds} 秒后再试。"
        en "Too many requests" "Try again in {seconds} seconds.";
    StreamsTooMany "streams_too_many" 429
        zh "实时连接过多" "该账号在别的设备上已打开太多实时连接,请关闭一些。"
        en "Too many live streams" "Other devices of this account have too many live streams open; close some.";
    EventsGone "events_gone" 410
        zh "事件已过期" "离上次接收已太久。请重新读取列表,然后不带 Last-Event-ID 重新连接。"
        en "Events gone" "That was too long ago. Read the lists again, then listen without Last-Event-ID.";
    RequestTimeout "request_timeout" 504
        zh "处理超时" "服务器未能及时完成,请用同一个 Idempotency-Key 重试。"
        en "Timed out" "The server did not finish in time; try again with the same Idempotency-Key.";
    Internal "internal" 500
        zh "服务器内部错误" "服务器出错,已记录。请稍后重试,并提供 request_id。"
        en "Internal error" "Something went wrong and was recorded. Try again later and quote request_id.";
    DatabaseUnavailable "database_unavailable" 503
        zh "数据库暂不可用" "数据库暂不可用,未作任何更改。请稍后重试。"
        en "Database unavailable" "The database cannot be reached; nothing was changed. Try again soon.";
    StorageFull "storage_full" 503
        zh "存储空间已满" "服务器存储空间已满,未作任何更改;已有内容仍可查看。请通知管理员,稍后用同一个 Idempotency-Key 重试。"
        en "Storage full" "The server has no room left; nothing was changed, and what is there can still be read. Tell the operator and try again later with the same Idempotency-Key.";
    Busy "busy" 503
        zh "系统繁忙" "同时修改的人太多,未作任何更改。请重试。"
        en "Busy" "Too many changes at once; nothing was changed. Try again.";

    // Who is asking.
    Unauthorized "unauthorized" 401
        zh "请先登录" "需要登录,或登录已失效。"
        en "Log in first" "A valid access token is needed.";
    TokenExpired "token_expired" 401
        zh "登录已过期" "访问令牌已过期,请用刷新令牌换取新的。"
        en "Token expired" "The access token has expired; use the refresh token.";
    TokenInvalid "token_invalid" 401
        zh "令牌无效" "访问令牌无效,请重新登录。"
        en "Invalid token" "The access token is not valid; log in again.";
    SessionEnded "session_ended" 401
        zh "登录已结束" "此次登录已被注销,请重新登录。"
        en "Session ended" "This session was ended; log in again.";
    Forbidden "forbidden" 403
        zh "无此权限" "您的角色不能执行此操作。"
        en "Not allowed" "Your role may not do this.";
    LoginFailed "login_failed" 401
        zh "登录失败" "手机号、密码或验证码不正确。"
        en "Login failed" "The phone, password or code is not right.";
    TotpRequired "totp_required" 401
        zh "需要动态验证码" "请输入动态验证码(TOTP)。"
        en "Second factor needed" "Send the code of your authenticator app as totp.";
    StaffNeedsPassword "staff_needs_password" 403
        zh "工作人员请用密码登录" "工作人员须使用密码和动态验证码登录。"
        en "Staff log in by password" "Staff log in with password and authenticator code.";
    NameRequired "name_required" 422
        zh "请填写姓名" "首次登录请填写您的姓名(name)。"
        en "Name needed" "Send your name with the first login.";
    TotpInvalid "totp_invalid" 422
        zh "动态验证码错误" "动态验证码不正确或已用过。"
        en "Wrong code" "The code of the authenticator app is wrong or was used already.";
    AccountLocked "account_locked" 429
        zh "账号已暂时锁定" "多次失败,账号已锁定。请在 {seconds} 秒后再试。"
        en "Account locked" "Too many failed tries; the account is locked. Try again in {seconds} seconds.";
    AccountDisabled "account_disabled" 403
        zh "账号已停用" "账号已停用,请联系管理员。"
        en "Account disabled" "The account is disabled; ask an administrator.";
    CodeTooSoon "code_too_soon" 429
        zh "验证码发送过于频繁" "请在 {seconds} 秒后再获取验证码。"
        en "Code sent recently" "Ask for another code in {seconds} seconds.";
    RefreshInvalid "refresh_invalid" 401
        zh "刷新令牌无效" "刷新令牌无效或已过期,请重新登录。"
        en "Invalid refresh token" "The refresh token is not valid any more; log in again.";
    RefreshReplayed "refresh_replayed" 401
        zh "刷新令牌被重复使用" "刷新令牌被重复使用,为安全起见此次登录已注销。请重新登录。"
        en "Refresh token replayed" "The refresh token was used twice; for safety the session was ended. Log in again.";
    InviteInvalid "invite_invalid" 404
        zh "链接无效" "一次性链接无效、已使用或已过期,请联系管理员。"
        en "Invalid link" "The one-time link is not valid, was used, or has expired; ask an administrator.";
    PasswordTooShort "password_too_short" 422
        zh "密码太短" "密码至少 10 个字符。"
        en "Password too short" "A password has at least 10 characters.";
    PasswordTooLong "password_too_long" 422
        zh "密码太长" "密码最多 128 个字符。"
        en "Password too long" "A password has at most 128 characters.";
    PasswordTooCommon "password_too_common" 422
        zh "密码太常见" "该密码太容易被猜到,请换一个。"
        en "Password too common" "That password is too easy to guess; choose another.";
    PasswordWrong "password_wrong" 422
        zh "原密码错误" "原密码不正确。"
        en "Wrong password" "The current password is not right.";
    CommunityUnknown "community_unknown" 422
        zh "未知的医共体" "没有代码为 {community} 的医共体。"
        en "Unknown community" "There is no community with the code {community}.";
    PhoneTaken "phone_taken" 409
        zh "手机号已被使用" "该手机号已有账号。"
        en "Phone taken" "There is already an account with this phone.";
    RoleNotGrantable "role_not_grantable" 422
        zh "不能授予该角色" "至少一个角色,同一机构的同一角色只授予一次;护士、调度员、医生、护理部须指定机构,其他角色不指定机构。"
        en "Role not grantable" "At least one role, each once at an institution; nurse, coordinator, doctor and supervisor need an institution, the other roles have none.";
    GrantConflict "grant_conflict" 422
        zh "角色冲突" "管理员与审计员必须是两个人。"
        en "Conflicting roles" "Administrator and auditor must be two people.";
    OwnAccount "own_account" 422
        zh "不能对自己操作" "不能停用或重新邀请自己的账号,也不能更改自己的角色。"
        en "Not on yourself" "You cannot disable or re-invite your own account, or change your own roles.";
    LastAdmin "last_admin" 409
        zh "最后一位管理员" "至少要保留一位可登录的管理员。"
        en "Last administrator" "At least one administrator who can log in has to stay.";
    StaffOnly "staff_only" 422
        zh "仅限工作人员" "一次性链接只发给未停用的工作人员账号;家属用验证码登录。"
        en "Staff only" "One-time links are for staff accounts that are not disabled; families log in with a code.";

    // Retries and concurrent edits.
    IdempotencyKeyMissing "idempotency_key_missing" 400
        zh "缺少 Idempotency-Key" "此操作需要 Idempotency-Key 请求头(8–64 个字母、数字、- 或 _)。"
        en "Idempotency-Key missing" "This operation needs the header Idempotency-Key (8 to 64 letters, digits, - or _).";
    IdempotencyKeyReused "idempotency_key_reused" 422
        zh "Idempotency-Key 已用于别的请求" "同一个 Idempotency-Key 已用于内容不同的请求,请换一个新的。"
        en "Idempotency-Key reused" "This Idempotency-Key was used for another request; take a new one.";
    PreconditionRequired "precondition_required" 428
        zh "缺少 If-Match" "请在 If-Match 中带上您读到的 ETag。"
        en "If-Match missing" "Send the ETag you read as If-Match.";
    PreconditionFailed "precondition_failed" 412
        zh "内容已被他人修改" "您读取之后内容已被修改,请重新读取后再改。"
        en "Changed meanwhile" "It was changed after you read it; read it again, then change it.";

    // Places.
    CoordinatesOutOfRange "coordinates_out_of_range" 422
        zh "坐标超出范围" "经度应在 -180 到 180 之间,纬度应在 -90 到 90 之间。"
        en "Coordinates out of range" "Longitude is -180 to 180, latitude -90 to 90.";
    CoordinatesZero "coordinates_zero" 422
        zh "坐标为 (0,0)" "坐标 (0,0) 不是真实位置,请重新定位。"
        en "Coordinates (0,0)" "(0,0) is not a real place; take the position again.";
    CoordinatesSwapped "coordinates_swapped" 422
        zh "经纬度颠倒" "经度和纬度似乎颠倒了,请交换后重试。"
        en "Coordinates swapped" "Longitude and latitude seem to be exchanged; swap them.";
    CoordinatesTooFar "coordinates_too_far" 422
        zh "位置离本医共体太远" "位置离本医共体 {km} 公里。若无误,请带上 confirm_far=true 再提交。"
        en "Place far away" "The place is {km} km from the community. If that is right, send it again with confirm_far=true.";
    CoordinatesAccuracy "coordinates_accuracy" 422
        zh "定位精度有误" "定位精度应在 0 到 100000 米之间。"
        en "Invalid accuracy" "The accuracy is 0 to 100000 metres.";

    // People.
    PhoneInvalid "phone_invalid" 422
        zh "电话号码有误" "电话号码格式不正确。"
        en "Invalid phone" "That is not a valid phone number.";
    NameLength "name_length" 422
        zh "姓名长度不符" "姓名应为 2 到 50 个字符。"
        en "Length of the name" "A name has 2 to 50 characters.";
    NameCharacters "name_characters" 422
        zh "姓名含有无效字符" "姓名不能含控制字符或不可见字符,且至少有一个文字。"
        en "Characters of the name" "A name holds letters, and no control or invisible characters.";
    IdNumberLength "id_number_length" 422
        zh "证件号码长度不符" "证件号码长度或字符不符合该证件类型。"
        en "Id number length" "The id number's length or characters do not fit its kind.";
    IdNumberCharacters "id_number_characters" 422
        zh "证件号码含有无效字符" "证件号码含有该证件类型不允许的字符。"
        en "Id number characters" "The id number holds characters that its kind does not have.";
    IdNumberChecksum "id_number_checksum" 422
        zh "证件号码校验错误" "证件号码校验位不正确,请核对每一位。"
        en "Id number checksum" "The id number's check digit is wrong; compare every digit.";
    IdNumberBirthDate "id_number_birth_date" 422
        zh "证件号码出生日期无效" "证件号码中的出生日期不存在。"
        en "Id number birth date" "The birth date inside the id number does not exist.";
    IdNumberPrefix "id_number_prefix" 422
        zh "证件号码前缀不符" "证件号码的前缀不符合该证件类型。"
        en "Id number prefix" "The id number's prefix does not fit its kind.";
    IdBirthDateMismatch "id_birth_date_mismatch" 422
        zh "出生日期与证件不符" "出生日期与证件号码中的不一致。"
        en "Birth date differs" "The birth date differs from the one in the id number.";
    IdSexMismatch "id_sex_mismatch" 422
        zh "性别与证件不符" "性别与证件号码中的不一致。"
        en "Sex differs" "The sex differs from the one in the id number.";
    DateImpossible "date_impossible" 422
        zh "日期不合理" "日期不合理:{reason}。"
        en "Impossible date" "The date cannot be right: {reason}.";
    IdNumberNeeded "id_number_needed" 422
        zh "需要证件号码" "只有未满一岁的孩子可以暂无证件号码。"
        en "Id number needed" "Only a child under one year is registered without an id number.";
    ConsentMismatch "consent_mismatch" 422
        zh "同意方式不符" "同意方式与照护人的身份不符:本人只能为本人同意;未成年人须为监护。"
        en "Consent does not fit" "The consent does not fit the relation: only the patient consents as oneself; for a minor it is guardianship.";
    InstitutionUnknown "institution_unknown" 422
        zh "未知的机构" "没有这家在用的机构,或不在您的管理范围内。"
        en "Unknown institution" "There is no such active institution within your scope.";
    PatientExists "patient_exists" 409
        zh "该证件号码已登记" "该证件号码已登记为患者。请向卫生院申请成为其照护人。"
        en "Patient exists" "A patient with this id number is registered already. Ask the health centre to be added as a carer.";
    PatientUnknown "patient_unknown" 422
        zh "无此患者" "您的机构范围内没有该患者。"
        en "Unknown patient" "There is no such patient within your institutions.";
    PatientMerged "patient_merged" 409
        zh "患者已合并" "该患者档案已并入另一份档案,请在那份档案中继续办理。"
        en "Merged" "This patient was merged into another; go on with that one.";
    PatientMergeConflict "patient_merge_conflict" 409
        zh "暂不能合并" "两份档案中有不能并存的内容,见 conflicts。请先处理其中一方,未作任何更改。"
        en "Cannot be merged yet" "The two hold what cannot stand together; see conflicts. Settle one side first. Nothing was changed.";
    PatientMergeChain "patient_merge_chain" 409
        zh "档案已有合并" "其他档案已并入该患者。请撤销那次合并,或把另一方并入该患者。"
        en "Others were merged into it" "Others were merged into that patient; undo that, or merge the other way round.";
    PatientMergeSelf "patient_merge_self" 422
        zh "不能与自身合并" "请选择另一位患者。"
        en "The same patient" "Name another patient.";
    PatientMergeUndone "patient_merge_undone" 409
        zh "合并已撤销" "该合并已被撤销。"
        en "Undone already" "This merge was undone already.";
    DuplicateDecided "duplicate_decided" 409
        zh "已有结论" "这两位患者是否为同一人已有结论。"
        en "Decided already" "It was decided already whether these two are one person.";
    CarerExists "carer_exists" 409
        zh "已是照护人" "该账号已是此患者的照护人。"
        en "Already a carer" "That account is a carer of this patient already.";
    CarerUnknown "carer_unknown" 422
        zh "未找到该账号" "没有使用该手机号的账号,请对方先登录一次。"
        en "Account unknown" "There is no account with that phone; ask its owner to log in once.";
    CarerLast "carer_last" 409
        zh "不能移除最后一位可预约的照护人" "至少要保留一位可预约的照护人。"
        en "Last carer" "At least one carer who may book has to stay.";
    GuardianRequired "guardian_required" 422
        zh "需要监护人" "未满 18 岁或无民事行为能力的患者须由父母或监护人代为办理;工作人员代为预约前,须先登记监护人。"
        en "Guardian needed" "A parent or guardian has to act for a patient under 18 or without capacity, and be on record before staff book.";
    ConditionUnknown "condition_unknown" 422
        zh "未知的健康情况代码" "目录中没有代码为 {condition} 的健康情况。"
        en "Unknown condition" "The catalogue has no condition with the code {condition}.";
    HealthFactOfStaff "health_fact_of_staff" 403
        zh "由医务人员记录" "以下内容由医务人员记录,家属不能删除或改写:{facts}。请原样保留;如有变化,请告知医务人员。"
        en "Recorded by staff" "The family cannot take back or word anew what staff recorded: {facts}. Leave it as it is, and tell staff what changed.";
    BookingNotAllowed "booking_not_allowed" 403
        zh "不可代为办理" "您可以查看该患者,但不能为其预约或更改资料。"
        en "May not act" "You may see this patient but not book for them or change anything.";
    AddressInUse "address_in_use" 409
        zh "地址正在使用" "有未完成的订单使用该地址。"
        en "Address in use" "An order that is not finished uses this address.";
    AddressNurseBooked "address_nurse_booked" 409
        zh "已有护士接单前往" "已有护士接单前往该地址,其文字、位置和乡镇暂不能更改,路标仍可更改。要去别处,请另加地址重新预约;地址有误,请调度员先撤下护士再更正。"
        en "A nurse is booked to come" "A nurse has accepted a visit to this address: its text, place and township stay; the landmark may change. For another place add an address and book anew; if the address is wrong, ask the coordinator to take the nurse off first.";

    // Roster.
    CodeTaken "code_taken" 409
        zh "编号已存在" "{name} 已被使用。"
        en "Already taken" "{name} is in use already.";
    CertificateUnknown "certificate_unknown" 422
        zh "未知的证书种类" "目录中没有种类为 {kind} 的证书。"
        en "Unknown certificate" "The catalogue has no certificate of the kind {kind}.";
    CertificateRevoked "certificate_revoked" 409
        zh "证书已撤销" "该证书已撤销,不能再核验或撤销。"
        en "Certificate revoked" "The certificate was revoked; it cannot be verified or revoked again.";
    CertificateOwn "certificate_own" 403
        zh "不能核验自己的证书" "本人的证书须由他人核验。"
        en "One's own certificate" "Somebody else has to verify your own certificate.";
    CertificateForm "certificate_form" 422
        zh "证书格式有误" "证书请写作:种类:编号:发证机构:起始日期:截止日期,多个证书用分号分隔。"
        en "Form of a certificate" "Write a certificate as kind:number:issuer:from:to, several with semicolons between them.";
    CertificateTwice "certificate_twice" 422
        zh "证书重复" "同一证书(种类、编号、起始日期相同)出现了不止一次。"
        en "Certificate twice" "The same certificate (kind, number, first day) stands there more than once.";
    CertificateDiffers "certificate_differs" 422
        zh "证书与已登记的不一致" "该证书已登记,但发证机构或截止日期不同。请更正,或先撤销已登记的证书。"
        en "Certificate differs" "The certificate is on the roster with another issuer or last day. Correct the file, or revoke that one first.";
    AccountNotNurse "account_not_nurse" 422
        zh "账号不可关联" "没有这个账号,或它没有护士角色,或不在您的管理范围内。"
        en "Account cannot be linked" "There is no such account with the role nurse within your scope.";
    TitleUnknown "title_unknown" 422
        zh "未知的职称" "职称应为护士、护师、主管护师、副主任护师或主任护师。"
        en "Unknown title" "A title is nurse, nurse_practitioner, senior_nurse, deputy_chief_nurse or chief_nurse.";
    SexUnknown "sex_unknown" 422
        zh "未知的性别" "性别应为女或男。"
        en "Unknown sex" "Sex is female or male.";
    ChoiceUnknown "choice_unknown" 422
        zh "不在可选值中" "可选值:{known}。"
        en "Not a known value" "It is one of: {known}.";
    DateInvalid "date_invalid" 422
        zh "日期无效" "不是有效的日期,请写作 2026-03-31。"
        en "Not a date" "That is not a date of the calendar; write it as 2026-03-31.";
    DateRange "date_range" 422
        zh "日期超出范围" "日期应在 {min} 到 {max} 之间。"
        en "Date out of range" "The date is {min} to {max}.";
    DateOrder "date_order" 422
        zh "起止颠倒" "结束早于开始。"
        en "Ends before it begins" "The end comes before the start.";
    DateFuture "date_future" 422
        zh "日期在将来" "该日期不能晚于今天。"
        en "Date in the future" "The date cannot be later than today.";
    NumberRange "number_range" 422
        zh "数值超出范围" "应为 {min} 到 {max} 的数。"
        en "Number out of range" "It is a number from {min} to {max}.";
    NumberRounded "number_rounded" 422
        zh "号码已被表格软件改写" "号码的位数已丢失,请将该列设为文本格式后重新填写。"
        en "Digits were lost" "A spreadsheet has rounded this number; format the column as text and enter it again.";
    CellFormula "cell_formula" 422
        zh "疑似公式" "单元格以 = + - @ # 开头,像是公式或其错误值,请改为普通文字。"
        en "Looks like a formula" "The cell begins with = + - @ or #, like a formula or its error; write plain text.";
    LeaveInvalid "leave_invalid" 422
        zh "请假时间有误" "结束须晚于开始且晚于现在,时长不超过 {days} 天。"
        en "Invalid leave" "A leave ends after it begins and after now, and lasts at most {days} days.";
    DutyForm "duty_form" 422
        zh "值班时段格式有误" "值班时段请写作:1-5 08:00-17:30; 6,7 08:00-12:00。1 为周一,7 为周日;跨零点的写成两段,最多 42 段。"
        en "Form of duty windows" "Write duty as 1-5 08:00-17:30; 6,7 08:00-12:00, from 1 for Monday to 7 for Sunday; what runs past midnight is two windows, and there are at most 42.";
    DutyOverlap "duty_overlap" 422
        zh "值班时段重叠" "同一天的值班时段不能重叠。"
        en "Duty windows overlap" "Duty windows of one day must not overlap.";
    InstitutionParentInvalid "institution_parent_invalid" 422
        zh "上级机构无效" "上级机构不存在,或不在您的管理范围内。"
        en "Invalid parent" "There is no such parent institution within your scope.";
    RosterInvalid "roster_invalid" 422
        zh "名册有误" "名册中有 {count} 处错误,见 rows。没有导入任何一行。"
        en "Roster not accepted" "The roster has {count} mistakes; see rows. No row was imported.";
    RosterUnreadable "roster_unreadable" 422
        zh "无法读取文件" "文件已损坏、没有可见的工作表,或不是所说的格式。请在表格软件中另存为“CSV UTF-8”或 XLSX 后重新上传。"
        en "File unreadable" "The file is damaged, has no visible sheet, or is not what its Content-Type says. Save it anew as CSV UTF-8 or XLSX.";
    RosterTooLarge "roster_too_large" 422
        zh "文件内容过大" "文件解开后内容过大,请删去与名单无关的内容,或分几次导入。"
        en "File too large" "The file holds too much once it is unpacked; leave out what is not part of the list, or split it.";
    RosterNotUtf8 "roster_not_utf8" 422
        zh "文件编码不是 UTF-8" "文件不是 UTF-8 编码。请在表格软件中另存为“CSV UTF-8”,或改传 XLSX。"
        en "Not UTF-8" "The file is not UTF-8. Save it as CSV UTF-8 in your spreadsheet, or send it as XLSX.";
    RosterEmpty "roster_empty" 422
        zh "名册为空" "标题行之后没有任何一行。"
        en "Empty roster" "There is no row below the headings.";
    RosterTooLong "roster_too_long" 422
        zh "名册太长" "一次最多导入 {rows} 行、{columns} 列,请分几次导入。"
        en "Roster too long" "At most {rows} rows and {columns} columns at once; split the file.";
    ColumnUnknown "column_unknown" 422
        zh "未知的列" "没有这一列。请按模板的列名填写。"
        en "Unknown column" "There is no such column; use the headings of the template.";
    ColumnMissing "column_missing" 422
        zh "缺少列" "缺少必填的列。"
        en "Column missing" "A column that is needed is missing.";
    ColumnDuplicate "column_duplicate" 422
        zh "列重复" "该列出现了不止一次。"
        en "Column twice" "The column stands there more than once.";
    RowDuplicate "row_duplicate" 422
        zh "与另一行重复" "与第 {line} 行重复。"
        en "Same as another row" "Line {line} has the same.";

    // Catalogue and rules.
    ItemUnknown "item_unknown" 422
        zh "未知的项目" "目录中没有代码为 {item} 的项目。"
        en "Unknown item" "The catalogue has no item {item}.";
    ItemDuplicate "item_duplicate" 422
        zh "项目重复" "项目 {item} 出现了不止一次。"
        en "Item twice" "The item {item} stands there more than once.";
    ItemClosed "item_closed" 422
        zh "项目未开放" "本地医疗机构未开放项目 {item},请咨询卫生院。"
        en "Item closed" "No institution here has opened {item}; ask the health centre.";
    ItemNegativeListed "item_negative_listed" 422
        zh "项目不可上门" "项目 {item} 在负面清单中,不能上门提供,请到医院办理。"
        en "Item not for home" "{item} is on the negative list and is not done at home; go to the hospital.";
    RuleSetInvalid "rule_set_invalid" 422
        zh "规则文件有误" "规则文件有 {count} 处错误,见 problems。未作任何更改。"
        en "Rule file not accepted" "The rule file has {count} mistakes; see problems. Nothing was changed.";
    RuleSetVersion "rule_set_version" 409
        zh "版本号不连续" "下一个版本号应为 {expected}。"
        en "Wrong version" "The next version must be {expected}.";

    // Booking.
    ItemsCount "items_count" 422
        zh "项目数量不符" "一次可预约 {min} 到 {max} 个项目。"
        en "Number of items" "One order has {min} to {max} items.";
    DistanceTooFar "distance_too_far" 422
        zh "距离太远" "地址离服务机构 {metres} 米,超出 {limit} 米的服务范围。"
        en "Too far" "The address is {metres} m from the institution; it goes as far as {limit} m.";
    WindowPast "window_past" 422
        zh "时间太近或已过" "预约须至少提前 {minutes} 分钟。"
        en "Too soon" "Book at least {minutes} minutes ahead.";
    WindowTooFar "window_too_far" 422
        zh "时间太远" "最多可预约 {days} 天内的服务。"
        en "Too far ahead" "Book at most {days} days ahead.";
    WindowInvalid "window_invalid" 422
        zh "时间段无效" "结束须晚于开始,且时间段须容纳 {minutes} 分钟的服务、不超过 {max_hours} 小时。"
        en "Invalid window" "The end must come after the start; the window must hold the {minutes} minutes of service and be at most {max_hours} hours.";
    ScreeningIncomplete "screening_incomplete" 422
        zh "评估问题未答完" "有评估问题未回答或回答有误,见 errors。"
        en "Screening incomplete" "Some screening questions are not answered or not answered well; see errors.";
    AnswerMissing "answer_missing" 422
        zh "缺少回答" "请回答此问题。"
        en "Answer missing" "Answer this question.";
    AnswerUnknownQuestion "answer_unknown_question" 422
        zh "没有此问题" "所选项目没有此问题。"
        en "Unknown question" "The chosen items do not ask this question.";
    AnswerWrongKind "answer_wrong_kind" 422
        zh "回答类型不符" "回答的类型不符合此问题。"
        en "Wrong kind of answer" "The answer does not fit the kind of the question.";
    AnswerOutOfRange "answer_out_of_range" 422
        zh "回答超出范围" "回答的数值超出范围。"
        en "Answer out of range" "The number is out of range.";
    ScreeningRefused "screening_refused" 422
        zh "不适合上门服务" "根据您的回答,目前不适合上门服务。请按 findings 中的建议就医。"
        en "Not safe at home" "By your answers this is not safe at home now. Follow the advice in findings.";
    OrderDuplicate "order_duplicate" 409
        zh "重复预约" "该患者在相近时间已预约同一项目。"
        en "Booked already" "The patient has a booking of the same item at an overlapping time.";
    AddressUnknown "address_unknown" 422
        zh "未知的地址" "该患者没有此地址。"
        en "Unknown address" "The patient has no such address.";
    InstitutionNone "institution_none" 422
        zh "没有可服务的机构" "没有已获批准并开放所选项目的机构。"
        en "No institution" "No approved institution has opened these items.";
    RescheduleTooLate "reschedule_too_late" 409
        zh "已不能自行改期" "护士已接单,距预约时间太近,此时取消须收费,不能自行改期。请取消订单,或联系服务机构的调度员改期。"
        en "Too late to move" "A nurse has accepted, and it is so late that calling off costs a fee. Call the order off, or ask the coordinator of the institution to move it.";
    OrderWrongState "order_wrong_state" 409
        zh "订单状态不允许" "订单目前为 {state},不能执行此操作。"
        en "Wrong state" "The order is {state}; this cannot be done now.";
    SyncPlaceTaken "sync_place_taken" 409
        zh "序号已被占用" "该上门的这一步已有另一条记录,请核对后作为新的一步上报。"
        en "Place in the chain taken" "Another act of this visit stands at this number already; check it and send yours as a new one.";
    SyncTooOld "sync_too_old" 409
        zh "记录时间过早" "该操作发生在七天以前,需要人工核实。"
        en "Told too late" "This was done more than seven days ago; a person has to confirm it.";
    WorkSettled "work_settled" 409
        zh "已处理" "该待办已处理完毕。"
        en "Settled" "Somebody has put this right already.";
    OrderChanged "order_changed" 409
        zh "订单刚被修改" "订单刚被他人修改,请重新读取。"
        en "Order changed" "The order was changed just now; read it again.";
    OrderGone "order_gone" 409
        zh "订单已被接走" "该订单已不可接。"
        en "Order gone" "The order is not to be had any more.";

    // Discharges and follow-up.
    DischargeBeforeAdmission "discharge_before_admission" 422
        zh "出院早于入院" "出院日期不能早于入院日期。"
        en "Discharge before admission" "The day of discharge cannot be before the day of admission.";
    DischargeExists "discharge_exists" 409
        zh "出院记录已存在" "该患者当天的出院记录已登记,请核对后更正原记录。"
        en "Discharge exists" "A discharge of this patient on that day is registered already; correct that one.";
    DischargeUnknown "discharge_unknown" 404
        zh "没有这条出院记录" "该系统没有报送过此编号的出院记录,无法撤销。"
        en "Unknown discharge" "The system has not told of a discharge with this id, so there is nothing to cancel.";
    DischargeCancelled "discharge_cancelled" 409
        zh "出院记录已撤销" "该出院记录已撤销,不能更正;请以新的编号报送。"
        en "Discharge cancelled" "This discharge was cancelled and cannot be corrected; tell it under a new id.";
    DischargePatientDiffers "discharge_patient_differs" 409
        zh "患者不一致" "更正的出院记录不是同一位患者。请撤销原记录,再报送新的记录。"
        en "Another patient" "The correction is about another patient; cancel the first discharge and tell a new one.";
    DischargeWho "discharge_who" 422
        zh "患者信息有误" "patient_id 与 person 须且只能填写一项。"
        en "Whose discharge" "Give either patient_id or person, and not both.";
    PatientNameDiffers "patient_name_differs" 409
        zh "姓名与证件号不符" "该证件号已登记在另一个姓名下。请核对;系统不会自动合并。"
        en "Another name" "This id number is registered under another name; check it. Nothing is merged by itself.";
    FollowConditionUnknown "follow_condition_unknown" 422
        zh "未知的情况代码" "随访规则中没有代码为 {condition} 的情况。"
        en "Unknown condition" "The rules for follow-up have no condition {condition}.";
    FeedExists "feed_exists" 409
        zh "系统名称已使用" "已有使用该名称的数据接口,请先停用原接口。"
        en "Feed exists" "A feed of a system with this name is in use; end it first.";
    FeedUnknown "feed_unknown" 401
        zh "未知的数据接口" "没有这个数据接口,或已停用。请检查 X-Jiahu-Feed 或令牌。"
        en "Unknown feed" "There is no such feed in use; check X-Jiahu-Feed or the token.";
    FeedSignature "feed_signature" 401
        zh "签名无效" "签名与内容不符。签名为以密钥对“时间戳.请求体”所作的 HMAC-SHA256。"
        en "Invalid signature" "The signature does not fit. It is the HMAC-SHA256 of timestamp, a dot and the body, by the secret of the feed.";
    FeedTimestamp "feed_timestamp" 401
        zh "时间戳无效" "时间戳缺失,或与服务器时间相差超过 {minutes} 分钟。请校准时钟后重新签名。"
        en "Invalid timestamp" "The timestamp is missing or more than {minutes} minutes off; set the clock and sign anew.";
    ReceiptSignature "receipt_signature" 401
        zh "签名无效" "签名与内容不符。签名为以短信网关密钥对“时间戳.请求体”所作的 HMAC-SHA256。"
        en "Invalid signature" "The signature does not fit. It is the HMAC-SHA256 of timestamp, a dot and the body, by the secret of the message gateway.";
    ListInvalid "list_invalid" 422
        zh "名单有误" "名单中有 {count} 处错误,见 rows。没有导入任何一行。"
        en "List not accepted" "The list has {count} mistakes; see rows. No row was imported.";
    FollowTaskState "follow_task_state" 409
        zh "随访任务状态不符" "随访任务目前为 {state},不能进行此操作。"
        en "State of the task" "The follow-up task is {state}; this cannot be done now.";
    FollowTaskChanged "follow_task_changed" 409
        zh "随访任务已变更" "随访任务刚被他人更改,请重新读取。"
        en "Task changed" "Somebody has just changed the follow-up task; read it again.";
    FollowTaskSameDay "follow_task_same_day" 409
        zh "当天已有随访" "该患者当天已有一项随访,不能重复联系。"
        en "Already on that day" "The patient has a follow-up on that day already; nobody is contacted twice.";
    AttemptTooEarly "attempt_too_early" 422
        zh "早于随访窗口" "联系时间早于该随访任务的开始日期。"
        en "Before the window" "The attempt was before the first day of the task.";
    AttemptProxy "attempt_proxy" 422
        zh "代答人有误" "由他人代答时须注明代答人,其他结果不得填写。"
        en "Proxy" "An answer by somebody else says by whom; no other result does.";
    PersonReachedToday "person_reached_today" 409
        zh "当天已联系到本人" "当天({at})已为另一项随访联系到该患者或家属。确需再次联系的,请确认(confirm)后提交。"
        en "Reached that day already" "Somebody was reached that day ({at}) for another contact of this person. If the attempt was made all the same, send it with confirm.";
    AttemptsTooFew "attempts_too_few" 409
        zh "联系次数不足" "判定失访前,至少须联系 {least} 次,分布在 {days} 天、{hours} 个不同时段。"
        en "Not enough tried" "Before a person is lost, at least {least} attempts on {days} days at {hours} different hours are needed.";

    // Nurse and visit.
    NurseNotEligible "nurse_not_eligible" 422
        zh "不符合接单条件" "不符合接单条件,见 reasons。"
        en "Not eligible" "The conditions for this order are not met; see reasons.";
    NurseUnknown "nurse_unknown" 422
        zh "未知的护士" "没有这名护士,或不在您的管理范围内。"
        en "Unknown nurse" "There is no such nurse within your scope.";
    NurseDoubleBooked "nurse_double_booked" 409
        zh "时间冲突" "与护士的另一次上门(含路程)时间冲突。"
        en "Double booking" "It overlaps with another visit of the nurse, travel included.";
    NoNurseProfile "no_nurse_profile" 403
        zh "没有护士档案" "您的账号未关联护士档案,请联系护理部。"
        en "No nurse profile" "Your account is not linked to a nurse; ask the nursing department.";
    VisitNotProven "visit_not_proven" 409
        zh "上门要素不全" "上门核验六要素不全,不能结案,见 missing。"
        en "Visit facts missing" "The six facts of visit verification are not complete; see missing.";
    RecordMissing "record_missing" 409
        zh "缺少护理记录" "请先填写护理记录。"
        en "Record missing" "Write the record of the visit first.";
    VitalImplausible "vital_implausible" 422
        zh "体征数值不合理" "{vital} 应在 {min} 到 {max} 之间,请复测。"
        en "Implausible vital sign" "{vital} must be {min} to {max}; measure again.";
    VitalUnknown "vital_unknown" 422
        zh "未知的体征" "没有名为 {vital} 的体征。"
        en "Unknown vital sign" "There is no vital sign {vital}.";
    VitalDuplicate "vital_duplicate" 422
        zh "体征重复" "{vital} 出现了不止一次。"
        en "Vital sign twice" "{vital} stands there more than once.";
    PositionNotVisible "position_not_visible" 404
        zh "位置不可见" "仅在护士出发后、离开前可见其位置。"
        en "Position not visible" "The nurse's position is visible between departure and leaving only.";
    TooEarly "too_early" 409
        zh "还不到出发时间" "最早可在预约时间前 {minutes} 分钟出发。"
        en "Too early" "Set out at most {minutes} minutes before the window.";
    NoFixReasonMissing "no_fix_reason_missing" 422
        zh "缺少无定位的原因" "没有定位时请说明原因(no_fix_reason)。"
        en "Reason for no fix missing" "Without a place, say why there is none (no_fix_reason).";
    ConsentMissing "consent_missing" 409
        zh "缺少知情同意" "缺少有效的知情同意,见 missing。"
        en "Consent missing" "A valid consent is missing; see missing.";
    DataConsentMissing "data_consent_missing" 409
        zh "健康数据或位置的同意已撤回" "患者对健康数据或位置信息的同意已撤回,见 missing。重新同意之前不能出发或开始。"
        en "Data may not be used" "The consent to health data or location was withdrawn; see missing. Nobody sets out or begins before it is given again.";
    ConsentTextUnknown "consent_text_unknown" 422
        zh "没有此同意书" "此处不需要代码为 {text} 的同意书。"
        en "No such text" "No consent to {text} is asked for here.";
    ConsentSuperseded "consent_superseded" 409
        zh "同意书已更新" "该同意书现行版本为 {version},请重新阅读并签署。"
        en "Text superseded" "Version {version} of the text holds now; have it read and signed.";
    ConsentExists "consent_exists" 409
        zh "已签署" "该同意书已签署且有效。"
        en "Consented already" "There is a valid consent to this text already.";
    ConsentWithdrawn "consent_withdrawn" 409
        zh "已撤回" "该同意已撤回。"
        en "Withdrawn" "The consent was withdrawn already.";
    SignerMinor "signer_minor" 422
        zh "未成年人不能签署" "未满 18 岁者不能签署同意书。"
        en "Signer under age" "Nobody under 18 can sign.";
    SignerNotAllowed "signer_not_allowed" 422
        zh "不能由此人签署" "只有有行为能力的患者本人、监护人或获授权的照护人可以签署。"
        en "May not sign" "Only the patient with capacity, a guardian or an authorised carer can sign.";
    IdentityMissing "identity_missing" 409
        zh "未核对身份" "请先以两种方式核对患者身份。"
        en "Patient not recognised" "Check two identifiers of the patient first.";
    IdentifiersTooFew "identifiers_too_few" 422
        zh "核对方式不足" "须以两种不同的方式核对患者身份。"
        en "Two identifiers" "Two different identifiers are needed.";
    BadgeReasonMissing "badge_reason_missing" 422
        zh "缺少未核验的原因" "家属未核验护士动态码,请说明原因(nurse_not_verified)。"
        en "Reason missing" "The family has not verified your code; say why (nurse_not_verified).";
    BadgeWrong "badge_wrong" 422
        zh "动态码不符" "动态码不符或已过期。如仍不符,请勿开门并致电卫生院。"
        en "Wrong code" "The code is wrong or has expired. If it stays so, keep the door closed and call the health centre.";
    FamilyAbsent "family_absent" 409
        zh "成年家属不在场" "该服务要求成年家属在场,请记录在场者(present)。"
        en "Family absent" "An adult of the family has to be there; say who is (present).";
    SecondNurseMissing "second_nurse_missing" 409
        zh "第二名护士尚未接单" "该服务须两名护士,另一名接单后方可出发。"
        en "Second nurse missing" "This visit takes two nurses; wait until the other has accepted.";
    SecondNurseAbsent "second_nurse_absent" 409
        zh "第二名护士不在场" "该服务须两名护士:请等待第二名护士到达;她已在场但没有信号的,请如实填写 second_nurse_present。"
        en "Second nurse absent" "This visit takes two nurses: wait for the second one; if she is there without signal, say so (second_nurse_present).";
    MoreNursesNeeded "more_nurses_needed" 409
        zh "须更多护士上门" "按上门规则,此时上门须 {persons} 名护士(见 gates),订单人数不足。请勿出发;已通知调度员改约。"
        en "More nurses needed" "By the visit rules {persons} nurses go at this time (see gates), and the order has fewer. Do not set out; the coordinators are called and move the order.";
    Contraindicated "contraindicated" 409
        zh "患者档案中有禁忌" "患者档案中新登记的情况使该服务不能居家进行,见 findings。请勿出发;已通知调度员。"
        en "The record stands against it" "What came onto the patient's record does not allow it at home; see findings. Do not set out; the coordinators are called.";
    SecondNurseNotLeft "second_nurse_not_left" 409
        zh "第二名护士尚未离开" "第二名护士尚未报告离开,不能结案。"
        en "Second nurse not left" "The second nurse has not reported that she left; the visit cannot be closed.";
    NurseSetOut "nurse_set_out" 409
        zh "护士已出发" "护士已出发,该上门不能再撤换、退回或改约。可取消订单,或由护士中止。"
        en "The nurse has set out" "A nurse of this order has set out: she is not taken off it, does not give it back, and it is not moved. Call it off, or let her break it off.";
    SeatNotLead "seat_not_lead" 409
        zh "由主责护士执行" "此步骤由第一席位的主责护士执行。"
        en "For the leading nurse" "The nurse of the first seat takes this step.";
    SeatUnclear "seat_unclear" 422
        zh "请指明护士" "该订单有两名护士,请指明其中一名的上门(visit_id)。"
        en "Which nurse" "The order has two nurses; name the visit of one of them (visit_id).";
    EntitlementPackageUnknown "entitlement_package_unknown" 422
        zh "未知的保障项目" "规则文件 entitlements 中没有这个保障项目。"
        en "Unknown package" "The rule file entitlements has no such package.";
    EntitlementRecorded "entitlement_recorded" 409
        zh "该保障已登记" "该患者已有同一保障项目、同一起始日的登记。内容有误请先终止原登记。"
        en "Recorded already" "The patient has this package from the same day on record. If something in it is wrong, end that one first.";
    EntitlementEnded "entitlement_ended" 409
        zh "该保障已终止" "该登记已终止。"
        en "Ended already" "This entitlement is over.";
    ChargeNotUnderReview "charge_not_under_review" 409
        zh "无需收费复核" "该订单的收费不在复核中。请刷新后查看 charge。"
        en "Not under review" "Nobody has to decide on the charge of this order. Read it again, see charge.";
    ChargeNotCovered "charge_not_covered" 422
        zh "付费方与订单不符" "请从 charge.covered 中选择至少一项支付该订单项目的保障。"
        en "Pays for nothing here" "Name at least one entitlement, and only those in charge.covered.";
    ComplaintState "complaint_state" 409
        zh "投诉当前状态不允许此操作" "投诉现处于 {state} 状态,不能进行此操作。请刷新后查看。"
        en "Not in this state" "The complaint is {state} and does not allow this. Read it again.";
    ComplaintOwner "complaint_owner" 422
        zh "不能指派给该账号" "负责人须是该机构的调度员或护理管理者。"
        en "Cannot own it" "The owner is a coordinator or supervisor of the institution.";
    ComplaintOtherAnswers "complaint_other_answers" 409
        zh "申诉须由另一位管理者答复" "申诉由护理管理者答复,且不能是首次答复的人。"
        en "Somebody else answers" "An appeal is answered by a supervisor who did not give the first answer.";
    PhotoTypeUnknown "photo_type_unknown" 415
        zh "不是照片" "只接受 JPEG、PNG 或 WebP 照片,以文件内容为准。请重新拍摄或换一个文件。"
        en "Not a photo" "Only JPEG, PNG and WebP are taken, judged by the content of the file. Take the photo again or choose another file.";
    PhotoTooManyPixels "photo_too_many_pixels" 422
        zh "照片像素过多" "照片不能超过 {pixels} 像素,任一边也不能过长。请缩小后重新上传。"
        en "Too many pixels" "A photo may have at most {pixels} pixels, and no side that is far too long. Scale it down and send it again.";
    PhotoUnreadable "photo_unreadable" 422
        zh "照片无法读取" "照片不完整或已损坏,请重新拍摄或上传。"
        en "Photo unreadable" "The photo is cut off or damaged; take or send it again.";
    PhotosTooMany "photos_too_many" 409
        zh "照片过多" "一次访视最多 {limit} 张照片。"
        en "Too many photos" "A visit has at most {limit} photos.";
    PhotoNotInRecord "photo_not_in_record" 409
        zh "已签名的记录未提到此照片" "护理记录已签名,且未提到此照片。请先提交更正说明,写明照片的 SHA-256,再上传。"
        en "Not in the signed record" "The record is signed and does not name this photo. Add an amendment with its SHA-256, then send it.";
    PhotoStoreUnavailable "photo_store_unavailable" 503
        zh "照片存储暂不可用" "照片存储暂不可用,照片未保存,请稍后重试。"
        en "Photo store unavailable" "Photos cannot be kept or read now; nothing was changed. Try again soon.";
    RecordUnsigned "record_unsigned" 409
        zh "护理记录未签名" "请先签名护理记录。"
        en "Record not signed" "Sign the record of the visit first.";
    RecordSigned "record_signed" 409
        zh "护理记录已签名" "已签名的记录不能修改,请提交更正说明。"
        en "Record signed" "A signed record does not change; add an amendment.";
    SignatureMismatch "signature_mismatch" 409
        zh "签名与记录不符" "所签内容不是这次上门的当前记录,请重新读取后再签。"
        en "Signature of another record" "What was signed is not the record of this visit as it stands; read it again, then sign.";
    WasteMissing "waste_missing" 409
        zh "医疗废物未交回" "该项目产生医疗废物,请先登记交回。"
        en "Waste not returned" "An item of this visit makes waste; note its return first.";
    WasteSignatureMissing "waste_signature_missing" 422
        zh "缺少交接签名" "交回医疗废物须有接收人签名。"
        en "Signature missing" "Whoever takes the waste over has to sign for it.";
    WasteReturnedAlready "waste_returned_already" 409
        zh "医疗废物已登记" "这次上门的医疗废物已登记交回。"
        en "Waste returned already" "The return of this visit's waste is noted already.";
    WasteAmountMissing "waste_amount_missing" 422
        zh "缺少重量或数量" "请填写重量或数量。"
        en "Weight or count missing" "Give the weight or the count.";
    FormValueKind "form_value_kind" 422
        zh "填写类型不符" "填写的内容不符合该字段的类型或小数位数。"
        en "Wrong kind of value" "The value does not fit the kind of the field, or has too many decimals.";
    FormValueImplausible "form_value_implausible" 422
        zh "数值不合理" "数值应在 {range} 之间,请核对。"
        en "Implausible value" "The value must be within {range}; check it.";
    FormChoiceUnknown "form_choice_unknown" 422
        zh "没有此选项" "该字段没有此选项。"
        en "Unknown option" "The field has no such option.";
    LotMissing "lot_missing" 422
        zh "缺少批号" "请填写该耗材的批号。"
        en "Lot number missing" "Write down the lot number of this consumable.";
    TimeInFuture "time_in_future" 422
        zh "时间在将来" "该时间尚未到来,请检查设备时钟。"
        en "Time in the future" "This time has not come yet; check the device's clock.";
    DeviceKindUnknown "device_kind_unknown" 422
        zh "未知的管路类型" "管路规则中没有这一类型。"
        en "Unknown kind of device" "The rules for devices do not have this kind.";
    DeviceSiteUnknown "device_site_unknown" 422
        zh "未知的置管部位" "该类管路没有此部位;有多个部位时须注明。"
        en "Unknown site" "This kind of device has no such site; where there are several, name one.";
    DeviceMaterialUnknown "device_material_unknown" 422
        zh "未知的材质" "该类管路没有此材质。"
        en "Unknown material" "This kind of device has no such material.";
    DeviceRemovedBeforePlaced "device_removed_before_placed" 422
        zh "拔管早于置管" "拔除时间不能早于置入时间。"
        en "Removed before placed" "A device cannot be removed before it was placed.";
    DeviceReviewDay "device_review_day" 422
        zh "复查日期无效" "复查日期应在今天与最迟日期之间。"
        en "Invalid review day" "The next review lies between today and the latest day.";
    DeviceCurrentExists "device_current_exists" 409
        zh "该部位已有管路" "患者该部位已登记同类在位管路,请更换或拔除。"
        en "A device is there" "The patient has such a device at this site; replace or remove it.";
    DeviceUnknown "device_unknown" 422
        zh "没有该管路" "管路登记中没有该患者的这一管路。"
        en "No such device" "The register has no such device of this patient.";
    DeviceNoneThere "device_none_there" 409
        zh "登记中没有该管路" "患者的管路登记中没有此类在位管路,请先登记。"
        en "Not in the register" "The register has no such device in place; enter it first.";
    DeviceUnclear "device_unclear" 409
        zh "无法确定是哪一根管路" "患者有多根此类管路,记录没有说明是哪一根,请在管路登记中操作。"
        en "Which device" "The patient has several of this kind and the record does not say which; tell the register itself.";
    DeviceRemovedAlready "device_removed_already" 409
        zh "管路已拔除" "该管路已登记拔除。"
        en "Removed already" "The device is registered as removed.";
    DeviceChanged "device_changed" 409
        zh "管路登记刚被修改" "该管路登记刚被他人修改,请重新读取。"
        en "Device changed" "The device was changed just now; read it again.";
    ScaleUnknown "scale_unknown" 422
        zh "未知的量表" "量表规则中没有这一量表。"
        en "Unknown scale" "The scales that hold do not have this one.";
    ScaleStaffOnly "scale_staff_only" 422
        zh "须由医护人员评定" "该量表须由医护人员评定,不能通过链接填写。"
        en "For staff" "This scale is filled in by staff, not through a link.";
    PatientNotFollowed "patient_not_followed" 409
        zh "不在随访或康复中" "该患者目前没有进行中的随访或康复计划。"
        en "Not followed" "The patient is in no follow-up and no rehabilitation plan now.";
    ReadingTooOld "reading_too_old" 422
        zh "测量时间过早" "只能补报 {hours} 小时以内测得的数值,更早的请告知护士。"
        en "Measured too long ago" "Numbers are taken up to {hours} hours after they were measured; tell the nurse of older ones.";
    PeriodInvalid "period_invalid" 422
        zh "时间段无效" "结束日期须晚于开始日期,且不超过 {days} 天。"
        en "Invalid period" "The last day comes after the first, at most {days} days later.";
    ItemNotOrdered "item_not_ordered" 422
        zh "订单没有该项目" "订单中没有项目 {item}。"
        en "Item not ordered" "The order has no item {item}.";
    AssessmentMissing "assessment_missing" 409
        zh "缺少首诊评估" "有项目没有有效的首诊评估,见 missing。请先评估。"
        en "First assessment missing" "No valid first assessment covers every item; see missing. Assess the patient first.";
    AssessorRole "assessor_role" 403
        zh "不可评估" "本机构的设置不允许您的角色做首诊评估。"
        en "Not an assessor" "This installation does not let your role make first assessments.";
    AssessmentField "assessment_field" 422
        zh "与评估结果不符" "该字段与评估结果不符,请删除。"
        en "Does not fit the result" "The field does not belong to this result; leave it out.";
    NotAssessmentVisit "not_assessment_visit" 409
        zh "不是评估上门" "护士只能在评估上门(ASSESS)到达后记录首诊评估。"
        en "Not a visit to assess" "A nurse records a first assessment on a visit that was ordered for it (ASSESS), after she arrived.";
    PrescriptionMissing "prescription_missing" 409
        zh "缺少处方" "有项目没有有效的处方,见 missing。"
        en "Prescription missing" "No valid prescription covers every item that needs one; see missing.";
    PrescriptionUnknown "prescription_unknown" 422
        zh "未知的处方" "患者没有该项目的这张处方。"
        en "Unknown prescription" "The patient has no such prescription for this item.";
    PrescriptionNotNeeded "prescription_not_needed" 422
        zh "项目不需要处方" "项目 {item} 不需要处方。"
        en "No prescription needed" "{item} is done without a prescription.";
    PrescriptionTooLong "prescription_too_long" 422
        zh "处方有效期过长" "该项目的处方最长有效 {days} 天。"
        en "Prescription too long" "A prescription for this item holds at most {days} days.";
    PrescriptionWithdrawn "prescription_withdrawn" 409
        zh "处方已撤回" "该处方已撤回。"
        en "Prescription withdrawn" "The prescription was withdrawn already.";
    ScreeningMissing "screening_missing" 409
        zh "到达后尚未筛查" "开始前请先在现场再次筛查。"
        en "Screening missing" "Ask the screening questions again at the door before the procedure begins.";
    ScreeningAcknowledge "screening_acknowledge" 422
        zh "须说明原因" "有需注意的情况,见 findings。请说明为何仍可进行,或填写电话咨询的医生。"
        en "Say why" "Something speaks against it; see findings. Say why it is done all the same, or which doctor you asked by phone.";
    AdmissionExists "admission_exists" 409
        zh "该次住院已登记" "该日入院已登记。"
        en "Admission known" "A stay that begins on that day is registered already.";
    AlertTaken "alert_taken" 409
        zh "警情已有人处理" "该警情已有人接手。"
        en "Alert taken" "Somebody else looks after this alert already.";
    AlertNotTaken "alert_not_taken" 409
        zh "警情尚未接手" "请先接手该警情,再结束。"
        en "Alert not taken" "Take the alert before you close it.";
    AlertClosed "alert_closed" 409
        zh "警情已结束" "该警情已结束。"
        en "Alert closed" "The alert was closed already.";
    AnswerLinkInvalid "answer_link_invalid" 404
        zh "链接无效" "该链接不存在。请使用短信中的完整链接,或联系随访护士。身体不适请立即拨打 120。"
        en "Invalid link" "There is no such link. Use the whole link of the message, or call the nurse. If you are unwell, call 120 now.";
    AnswerLinkUsed "answer_link_used" 409
        zh "已经提交" "该链接的回答已提交,无需重复填写。情况有变化请联系随访护士,紧急情况请立即拨打 120。"
        en "Answered already" "The answers of this link are in. If something has changed call the nurse; in an emergency call 120 now.";
    AnswerLinkHours "answer_link_hours" 409
        zh "今天不能再发送" "现在不在联系家属的时间内,任务在下一个联系时间之前就结束了。"
        en "Not sent any more" "These are not the hours in which families are contacted, and the task ends before they begin again.";
    AnswerLinkPhoneNone "answer_link_phone_none" 409
        zh "没有可发送的电话" "该患者没有可代为预约的照护人,也没有登记电话,请上门或登记电话后再发送。"
        en "No phone to send to" "The patient has no carer who may book and no phone; visit, or record a phone first.";
    AnswerLinkExpired "answer_link_expired" 410
        zh "链接已过期" "该链接已过期,请联系随访护士重新发送。紧急情况请立即拨打 120。"
        en "Link expired" "The time of this link is over; ask the nurse for another. In an emergency call 120 now.";
    AnswerLinkSpent "answer_link_spent" 409
        zh "验证码错误次数过多" "该链接已失效,请联系随访护士重新发送。"
        en "Too many wrong codes" "The link is void; ask the nurse for another.";
    AnswerLinkCode "answer_link_code" 422
        zh "验证码错误" "验证码不正确,还可尝试 {left} 次。"
        en "Wrong code" "The code is not right; {left} more tries.";
    AlertResult "alert_result" 422
        zh "警情结果与订单不符" "结果为上门订单时须填写该患者的订单,其他结果不填订单。"
        en "Result and order disagree" "With the result `order` name an order of the patient, with any other result none.";
    ExerciseUnknown "exercise_unknown" 422
        zh "未知的康复动作" "动作库中没有这一动作。"
        en "Unknown exercise" "The library does not have this exercise.";
    ExerciseDose "exercise_dose" 422
        zh "动作剂量超限" "该动作此项应为 1 到 {most};上限为 0 表示不按此计量。"
        en "Dose out of range" "For this exercise the number is 1 to {most}; a limit of 0 means that it is not counted so.";
    RehabFiveADay "rehab_five_a_day" 409
        zh "每日最多五个动作" "该计划已有五个动作,请替换其中一个。"
        en "Five exercises a day" "The plan has five exercises already; replace one of them.";
    RehabPlanActive "rehab_plan_active" 409
        zh "已有进行中的康复计划" "该患者已有进行中的康复计划,请先结束。"
        en "A plan is under way" "The patient has a rehabilitation plan under way; end it first.";
    RehabPlanStopped "rehab_plan_stopped" 409
        zh "康复计划已结束" "该康复计划或动作已结束。"
        en "The plan has ended" "The rehabilitation plan or the exercise has ended.";
    RehabChanged "rehab_changed" 409
        zh "康复计划刚被修改" "该康复计划刚被他人修改,请重新读取。"
        en "Plan changed" "The rehabilitation plan was changed just now; read it again.";
    RehabDecided "rehab_decided" 409
        zh "该动作已有决定" "该动作已批准、未采纳或已结束。"
        en "Decided already" "The exercise was approved, declined or ended already.";
    LogIdInvalid "log_id_invalid" 422
        zh "记录编号无效" "记录编号须为 UUIDv7,且未用于其他计划的记录。"
        en "Invalid id" "The id of an entry is a UUIDv7 that no entry of another plan has.";
    SkipReason "skip_reason" 422
        zh "未做须说明原因" "未做时须选择原因,已做或仅打开时不填原因。"
        en "Reason for skipping" "Give a reason for what was skipped, and for nothing else.";
    ArrivalNotInQuestion "arrival_not_in_question" 409
        zh "到达无需证明" "此次到达没有异常,无需证明。"
        en "Nothing to prove" "This arrival is not in question.";
    ArrivalCodesSpent "arrival_codes_spent" 409
        zh "到达码次数已用完" "此次上门不能再发送到达码,请扫描患者卡或由家属在应用中确认。"
        en "No more codes" "No more codes are sent for this visit; scan the patient's card or let the family confirm in their app.";
    FamilyPhoneNone "family_phone_none" 409
        zh "没有家属电话" "该患者没有可接收到达码的照护人,请扫描患者卡。"
        en "No phone of the family" "The patient has no carer who could receive a code; scan the patient's card.";
    AlreadySettled "already_settled" 409
        zh "已被处理" "此事已由他人处理,请重新读取。"
        en "Settled already" "Somebody has settled this already; read it again.";
    TimeOrder "time_order" 422
        zh "时间顺序有误" "设备时间早于上一步的时间。"
        en "Times out of order" "The device time is before the step before it.";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_texts_fill_the_same_places() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            assert!(seen.insert(code.as_str()), "{} stands twice", code.as_str());
            assert_eq!(Code::parse(code.as_str()), Some(*code));
            let places = |text: &str| {
                let mut names: Vec<_> = text
                    .split('{')
                    .skip(1)
                    .filter_map(|rest| rest.split('}').next().map(str::to_owned))
                    .collect();
                names.sort();
                names
            };
            assert_eq!(
                places(code.detail(Language::Zh)),
                places(code.detail(Language::En)),
                "{}",
                code.as_str()
            );
        }
    }
}
