"""The help of the shell command in Arabic; the English one is that of the docstrings."""

import io
import os
import re
from collections.abc import Mapping
from itertools import takewhile
from typing import Any, Final

from cyclopts.help import HelpPanel
from rich.console import Console

from traffic_booking import Bilingual
from traffic_booking.cli import words
from traffic_booking.cli.languages import LANGUAGE_VARIABLE
from traffic_booking.cli.options import (
    APPLICANT_VARIABLE,
    DB_VARIABLE,
    KEY_VARIABLE,
    SIGNING_VARIABLE,
)
from traffic_booking.cli.reply import Listing, Sentence
from traffic_booking.cli.screen import UNLIMITED, show_part
from traffic_booking.domain.bidi import left_to_right

_PROGRAM: Final = "traffic-booking"
_COMMAND: Final = re.compile(r"[a-z][a-z-]*")

USAGE: Final = Bilingual("طريقة الاستخدام", "usage")
COMMAND: Final = Bilingual("الأمر", "command")
OPTION: Final = Bilingual("الخيار", "option")
MEANING: Final = Bilingual("معناه", "meaning")
REQUIRED: Final = "[مطلوب]"
DEFAULT: Final = "[القيمة الافتراضية: {value}]"
CHOICES: Final = "[القيم المقبولة: {values}]"

COMMANDS: Final[Mapping[str, str]] = {
    "": "مواعيد فروع المرور السعودية: البحث عنها وحجزها وطباعتها وحضورها وإلغاؤها. الفروع المرفقة تجريبية، والأرقام غير"
    " رسمية.",
    "announce": "تسجيل أول يوم من شهر هجري كما أُعلن، وعرض ما يتغيّر من أشهر وأيام، والمواعيد المتأثرة.",
    "appointments": "عرض مواعيد المستفيد: القادمة، والمحجوزة مؤقتًا، والسابقة، والملغاة، والمنتهية.",
    "audit appointment": "عرض كل ما جرى على موعد، مع ما رُفض من طلبات بشأنه وأسئلة المدققين عنه.",
    "audit check": "التحقق من مجلد كتبه audit export دون قاعدة البيانات: رمز الخروج 0 إن صح كل ما فيه، و1 إن لم يصح.",
    "audit export": "كتابة الدليل على موعد أو على مدة في مجلد جديد: القيود وبراهينها والسجلات والقواعد.",
    "audit clerk": "عرض كل ما فعله موظف: المواعيد، والطلبات المرفوضة، والتقويم، وكشف أرقام الهوية، والصيانة.",
    "audit counts": "عدّ الطلبات المرفوضة: حسب القاعدة أو اليوم أو الفرع أو الخدمة.",
    "audit person": "عرض كل ما جرى لشخص، برقم هويته أو برمزه.",
    "audit rulebooks": "عرض من ثبّت القواعد أو دليل الفروع أو التقويم، ومتى ولماذا، ومتى تسري كل نسخة من القواعد.",
    "audit refusals": "عرض الطلبات المرفوضة حسب اليوم والفرع والقاعدة والخدمة.",
    "audit": "التحقق من سلامة قاعدة البيانات ومطابقتها للسجل المختوم (وإلا فرمز الخروج 1)، دون كتابة شيء أو إصلاحه.",
    "book": "حجز وقت متاح أو تثبيت الحجز المؤقت له، وعرض التذكرة.",
    "branches": "عرض الفروع؛ ويبدأ بالأقرب مع --near",
    "calendar": "رسم شهر من تقويم فرع بالتقويمين، مع أيام الإغلاق والدوام الخاص وقواعدها.",
    "cancel": "إلغاء موعد على خطوتين: دون --yes يُعرض الموعد وآخر وقت لإلغائه.",
    "check-in": "تسجيل حضور المستفيد في الفرع.",
    "close": "إغلاق فرع أيامًا، وعرض المواعيد المتأثرة؛ ولا تُلغى بسببه.",
    "closures": "عرض كل ما سُجّل عن أيام العمل، وما سُحب منه: المعرّف والموظف والوقت والسبب.",
    "date": "عرض يوم بالتقويمين.",
    "demo": "تنفيذ رحلة المستفيد كاملة على ملف SQLite، والتحقق من كل خطوة.\n\n"
    "الملف مؤقت ما لم يُحدد بالخيار --db والأشخاص غير حقيقيين، وللعرض ساعته الخاصة.",
    "explain": "شرح القرارات الصادرة في موعد، أو القرار الصادر في طلب، قاعدة قاعدة، من السجل.",
    "gate": "بوابة الفرع: قائمة اليوم، ومسح التذاكر، ودمج السجلات.",
    "gate export": "كتابة قائمة اليوم في ملف لبوابة تعمل دون اتصال. ودون مفتاح لا تكون موقّعة.",
    "gate list": "عرض قائمة اليوم في فرع: المواعيد وحالاتها ومعرّفات المستفيدين مخفاة.",
    "gate merge": "تسجيل ما مسحته البوابات وهي دون اتصال، بأي ترتيب ومهما تكرر. رمز الخروج 1 إن لزمت المراجعة.",
    "gate scan": "قراءة ما يُمسح سطرًا سطرًا من الدخل القياسي، من قارئ يعمل كلوحة مفاتيح، والرد على كل مسح بسطر.\n\n"
    "مع --list و --journal لا تلزم قاعدة البيانات. رمز الخروج 0 إن سُمح للجميع بالدخول، وإلا فهو 1.",
    "governorates": "عرض المدن والمحافظات.",
    "health": "فحص قدرة مكتب الحجز على العمل: رمز الخروج 0 إن كان سليمًا، و1 إن كان فيه خلل أو تعذر فتح قاعدة البيانات.",
    "hold": "حجز مقعد مؤقتًا لبضع دقائق؛ ويثبت الموعد بالأمر book للوقت نفسه.",
    "install": "تثبيت نسخ القواعد أو دليل الفروع والخدمات أو الإعلانات في قاعدة البيانات؛ وبها تُفتح مكاتب الحجز.\n\n"
    "يبقى كل جزء لم يُذكر كما هو.",
    "maintain": "حذف السجلات المنتهية، ومحو البيانات، والمتابعة بعد الاستعادة، وإنشاء مفتاح الأسماء المستعارة وتغييره.",
    "maintain after-restore": "بعد استعادة نسخة وقبل أي شيء آخر: إعادة عمليات المحو، وإبطال التذاكر، ومتابعة"
    " السجل المختوم.",
    "maintain erase": "إلغاء المواعيد القائمة لشخص، ثم محو معرّفه وحسابه والإفادات عنه؛ ويلزم --yes\n\n"
    "لا يُمحى شيء إن تعذّر الآن إلغاء أحد المواعيد (رمز الخروج 1).",
    "maintain key": "كتابة مفتاح جديد للأسماء المستعارة في ملف جديد لا يقرؤه إلا مالكه. لا يُكتب فوق ملف موجود.",
    "maintain prune": "حذف السجلات التي انتهت مدة الاحتفاظ بها، وعرض عددها حسب النوع.",
    "maintain rekey": "تغيير مفتاح الأسماء المستعارة: كرر --pseudonym-key مرتين، والملف الجديد أولًا. أعد التنفيذ إن"
    " توقف.",
    "migrate": "ترقية قاعدة البيانات إلى مخطط هذا الإصدار: الخطوات الناقصة كلها أو لا شيء منها.\n\n"
    "تُعرض الفهارس الناقصة (رمز الخروج 1) ولا تُنشأ.",
    "month": "عرض شهر يومًا يومًا: مقاعده والشاغر منها؛ ومجموعها إن تعددت الفروع.",
    "move": "نقل موعد إلى وقت آخر على خطوتين: دون --yes يُعرض الموعد ووقته الجديد.",
    "own-data": "جمع كل ما تحفظه قاعدة البيانات عن شخص، له أو لموظف يسلّمه إليه؛ ويُسجّل كل اطلاع.",
    "person": "عرض المعرّف الكامل لصاحب رمز المستفيد للتواصل معه. يُسجّل كل اطلاع.",
    "places": "البحث عن المناطق والمدن والمحافظات والفروع باسمها أو جزء منه، بالعربية أو الإنجليزية.",
    "reopen": "سحب إغلاق فرع أو بداية شهر معلنة؛ ويبقى في السجل.",
    "rules": "عرض القواعد بقيمها وصفتها ومصدرها؛ وللتفاصيل الأمران show و diff",
    "rules diff": "المقارنة بين نسختين من القواعد: ما أضيف وما أزيل وما تغير، واتجاه تغير كل قيمة.",
    "rules schema": "طباعة مخطط JSON لمخرجات هذه الأوامر.",
    "rules show": "عرض قاعدة واحدة: نصها وقيمها وحدودها ومصدرها وأيام سريانها وموضع التحقق منها.",
    "seal": "ختم سجل قاعدة البيانات: إضافة كل قيد ليس في FOLDER بعد، وتوقيع نقطة ختم.\n\n"
    "تُقرأ قاعدة البيانات ولا تُكتب. رمز الخروج 0 إن خُتم كل ما سُجّل.",
    "services": "عرض الخدمات.",
    "show": "عرض موعد واحد وما جرى عليه.",
    "slots": "عرض أقرب الأوقات المتاحة؛ ويُذكر اسم الفرع فوقها إن كانت كلها فيه.",
    "ticket": "طباعة تذكرة الموعد، أو إثبات إلغائه.",
    "ticket keys": "إنشاء مفتاحي توقيع التذاكر: FILE لمالكه وحده، و FILE.pub للبوابات. ولا يُستبدل مفتاح موجود.",
    "ticket revoked": "عرض تذاكر المواعيد المنقولة والملغاة التي لم يفت وقتها، من أجل ‎ticket verify --revoked",
    "ticket verify": "التحقق من رمز تذكرة وعرض ما فيه: رمز الخروج 0 إن صح التوقيع، و1 إن لم يصح.",
    "tickets": "كتابة تذاكر مواعيد الفرع كلها في يوم واحد، كل تذكرة في ملف، لطباعتها أو إرسالها.",
    "--help": "عرض هذه الرسالة.",
    "--version": "عرض رقم الإصدار.",
}
"""The description of each command by its name, in full; the first paragraph is the one of lists."""

_BRANCH_ID: Final = "(معرّف من الأمر branches)"
_SERVICE_ID: Final = "(معرّف من الأمر services)"
_NAME_FORM: Final = "اسم من حروف لاتينية صغيرة وأرقام وشرطات"
_DAY_FORM: Final = "بأي من التقويمين، مثل 2026-12-01 أو 1448-06-21"
_VERSION: Final = "رقم نسخة من القواعد المرفقة، أو FILE.toml لآخر نسخة فيه، أو FILE.toml@VERSION لنسخة بعينها."

OPTIONS: Final[Mapping[str, str]] = {
    "--agree": "يوافق المستفيد على تعليمات الخدمة. ودونه تُعرض التعليمات، وتمنع القاعدة BK-06 الحجز.",
    "--applicant": "رقم الهوية الوطنية أو هوية مقيم للمستفيد؛ و - لقراءته من الدخل القياسي. الافتراضي: "
    f"${APPLICANT_VARIABLE} وبأي منهما لا يظهر الرقم في قائمة العمليات.",
    "--at": "وقت البدء بتوقيت الفرع، أو بفرق توقيت: يوم بأي من التقويمين ووقت، مثل 2026-12-01T08:00 "
    "أو «1 Ramadan 1448 9:30 AM» أو «١ رمضان ١٤٤٨، 9:30 ص».",
    "--auditor": f"المدقق السائل: {_NAME_FORM}. ويُحفظ اسمه في السجل.",
    "--csv": "الرد بصيغة CSV.",
    "--excel": "الرد بصيغة CSV يقرؤها Excel: تبدأ بعلامة ترتيب البايتات.",
    "--rule": "ما خالف هذه القاعدة وحده، مثل BK-07",
    "--subject": "رمز الشخص بدلًا من رقم هويته.",
    "COUNTED_BY": "أساس العدّ: rule القاعدة، أو day اليوم، أو branch الفرع، أو service الخدمة.",
    "NAME": "اسم الموظف.",
    "--audience": "خدمات الأفراد وحدها، أو خدمات الأعمال وحدها.",
    "--branch": f"الفرع {_BRANCH_ID}.",
    "--catalogue": "مجلد دليل الفروع والخدمات حينها. الافتراضي: المثبّت.",
    "--clerk": f"الموظف القائم بالإجراء: {_NAME_FORM}.",
    "--db": "قاعدة البيانات: sqlite:///PATH أو postgresql://HOST/DATABASE أو citus://COORDINATOR/DATABASE "
    "أو memory://، "
    f"الافتراضي: ${DB_VARIABLE} وإلا فملف في مجلد بياناتك.",
    "--dry-run": "عرض المواعيد التي ستتأثر دون تسجيل شيء.",
    "--first-day": "اليوم الذي يبدأ فيه الشهر، مثل 2027-02-09؛ وتبقى التواريخ تُحوَّل بالتقويم.",
    "--follow": "الاستمرار بنقطة ختم كل عشر ثوانٍ تقريبًا، حتى SIGTERM أو SIGINT",
    "--log": "مجلد السجل المختوم؛ ويُنشأ إن لم يوجد.",
    "--witness": "إرسال كل نقطة ختم إلى عنوان URL أو حفظها في مجلد؛ و - لطباعتها سطرًا. ويجوز تكراره.",
    "--first": "أقرب وقت متاح بدلًا من --at",
    "--form": "صيغة التذكرة: text نص، أو html صفحة، أو pdf، أو ics ملف للتقويم، أو qr-png و qr-svg للرمز وحده.",
    "--from": f"من هذا اليوم فصاعدًا، {_DAY_FORM}؛ ويجوز معه وقت.",
    "--from-clear": "المعرّفات مكتوبة حتى الآن دون مفتاح، و --pseudonym-key هو المفتاح الجديد.",
    "--governorate": "فروع هذه المدينة أو المحافظة وحدها.",
    "--group": "خدمات هذه المجموعة وما تحتها، مثل traffic-services",
    "--heat": "رسم الأسابيع، وفي كل يوم علامة تبيّن مقدار الشاغر فيه.",
    "--json": "الرد بكائن JSON واحد.",
    "--key": "ملف FILE بالمفاتيح المعلنة، مثل tickets.key.pub",
    "--language": f"ar أو en، والافتراضي: ${LANGUAGE_VARIABLE} وإلا فلغة النظام، وإلا فالإنجليزية.",
    "--limit": "لا أكثر من هذا العدد، من 1 إلى 500.",
    "--month": "YYYY-MM، أو اسم الشهر مع سنته: 2026-12 أو 1448-06 أو «December 2026» أو «رمضان 1448».",
    "--near": "نقطة LATITUDE,LONGITUDE بالدرجات العشرية.",
    "--out": "المجلد الذي تُكتب فيه. ويُنشأ إن لم يوجد، لمالكه وحده.",
    "--output": "اكتبها في هذا الملف الجديد؛ ولا يُكتب فوق ملف موجود. ويلزم مع pdf و qr-png",
    "--overwrite": "الكتابة فوق الملفات الموجودة. ودونه تبقى كما هي، فيُكمل الأمر المعاد ما توقف.",
    "--print": "لا يُغيَّر شيء، وتُطبع أوامر SQL لمدير قاعدة البيانات.",
    "--pseudonym-key": "ملف مفتاح الأسماء المستعارة لقاعدة البيانات. وعند تغيير المفتاح: الملفان، والجديد أولًا. "
    f"الافتراضي: ${KEY_VARIABLE} (وبين الملفين {os.pathsep})، وإلا فلا مفتاح.",
    "--reason": "السبب، من 1 إلى 400 حرف.",
    "--region": "محافظات هذه المنطقة وحدها، برمزها في ISO 3166-2: من SA-01 إلى SA-12 أو SA-14",
    "--request-id": "اسم من عندك لهذا الطلب. وللطلب نفسه الرد نفسه. الافتراضي: اسم جديد.",
    "--retention": "ملف FILE.toml بمدد الاحتفاظ. الافتراضي: المدد المرفقة، وهي غير رسمية.",
    "--rulebook": "ملف FILE.toml بنسخ القواعد التي صدرت بها القرارات. الافتراضي: القواعد المثبّتة.",
    "--revoked": "ملف FILE.json بالتذاكر الملغاة، كما يطبعه ‎ticket revoked --json",
    "--rotate": "استبدال المفتاح الخاص بمفتاح جديد. وتبقى المفاتيح المعلنة السابقة في FILE.pub مقبولة.",
    "--sign-with": f"ملف FILE بالمفتاح الخاص الذي يوقّع الرمز. الافتراضي: ${SIGNING_VARIABLE}، وإلا فلا توقيع.",
    "--since": "ملف FILE.json برد سابق، فلا يُقرأ إلا ما تغيّر بعده.",
    "--service": f"الخدمة {_SERVICE_ID}.",
    "--source": "الجهة المعلنة، من 1 إلى 400 حرف.",
    "--ticket-language": "لغة التذكرة: ar أو en أو both للغتين. الافتراضي: لغة الرد.",
    "--to-clear": "تُكتب المعرّفات دون مفتاح، و --pseudonym-key هو المفتاح الحالي.",
    "--until": "اليوم الأخير، وهو داخل في الإغلاق. الافتراضي: اليوم الأول.",
    "--within-km": "الفروع التي لا تبعد عن --near أكثر من هذا العدد من الكيلومترات، من 0 إلى 20100.",
    "--yes": "التأكيد.",
    "CLOSURE": "معرّف القيد كما تعرضه الأوامر close و announce و closures",
    "DAY": "بأي من التقويمين: 2026-11-22 أو 1448-06-12 أو «1 رمضان 1445هـ».",
    "FILE": "الملف الجديد. احفظه بعيدًا عن قاعدة البيانات ونسخها الاحتياطية.",
    "MONTH": "YYYY-MM، أو اسم الشهر مع سنته: 2026-12 أو 1448-06 أو «December 2026» أو «رمضان 1448».",
    "NUMBER": "رقم الموعد المطبوع على تذكرته.",
    "RULE_ID": "معرّف القاعدة، مثل BK-04",
    "SUBJECT": "رمز المستفيد كما يراه الموظفون في القوائم.",
    "TEXT": "الاسم أو المعرّف أو جزء منهما، بأي إملاء شائع.",
    "V1": _VERSION,
    "V2": _VERSION,
    "install --announcements": "ملف FILE.toml بإعلانات وأوامر إلى جانب الإجازات المرفقة.",
    "install --catalogue": "مجلد دليل الفروع والخدمات.",
    "install --dry-run": "عرض ما سيتغيّر دون تثبيت شيء.",
    "install --rulebook": "ملف FILE.toml بنسخ القواعد.",
    "install --shipped": "تثبيت الأجزاء المرفقة بدلًا من التي لم تُذكر.",
    "announce --dry-run": "عرض ما سيتغيّر دون تسجيل شيء.",
    "announce MONTH": "الشهر الهجري: 1448-09",
    "appointments --limit": "أحدث المواعيد، من 1 إلى 1,000.",
    "appointments --group": "مواعيد خدمات هذه المجموعة وما تحتها وحدها، مثل traffic-services",
    **{
        f"audit {command} {option}": meaning
        for command in ("refusals", "counts", "clerk", "person", "rulebooks")
        for option, meaning in (
            ("--day", "هذا اليوم وحده، بأي التقويمين."),
            ("--until", "ما قبل هذا اليوم وحده؛ ويجوز معه وقت."),
        )
    },
    **{
        f"audit {command} {option}": meaning
        for command in ("refusals", "clerk", "appointment", "person", "rulebooks")
        for option, meaning in (
            ("--after", "المتابعة بعد هذا المؤشر، كما يذكره آخر سطر في الرد."),
            ("--limit", "لا أكثر من هذا العدد من الأسطر، من 1 إلى 10,000."),
        )
    },
    "audit check --key": "ملف المفاتيح العامة للسجل، مثل log.key.pub",
    "audit check FOLDER": "المجلد.",
    "audit export --auditor": f"المدقق الذي يُكتب له: {_NAME_FORM}. ويُحفظ اسمه في السجل.",
    "audit export --key": "ملف FILE بالمفتاح الخاص للسجل، وبه تُوقّع قائمة الملفات.",
    "audit export --log": "مجلد السجل المختوم؛ اختمه أولًا.",
    "audit export --number": "رقم الموعد، أو استخدم --from و --until",
    "audit export --out": "المجلد الجديد.",
    "audit export --until": "ما قبل هذا اليوم وحده؛ ويجوز معه وقت.",
    "audit refusals --number": "ما ذكر هذا الموعد وحده.",
    "audit refusals --branch": "ما يخص هذا الفرع وحده.",
    "audit refusals --service": "ما يخص هذه الخدمة وحدها.",
    "audit counts --branch": "ما يخص هذا الفرع وحده.",
    "audit counts --service": "ما يخص هذه الخدمة وحدها.",
    "audit --checkpoint": "ملف فيه نقاط ختم حُفظت في مكان آخر، كنسخة الشاهد؛ ويجوز تكراره.",
    "audit --key": "ملف المفاتيح العامة التي يجوز أن تكون وقّعت السجل، مثل log.key.pub",
    "audit --limit": "لا يُعرض من مواضع الخلل أكثر من هذا العدد، من 1 إلى 1,000,000؛ وتُعدّ كلها.",
    "audit --log": "مجلد السجل المختوم. ودونه لا يُقارَن أي سجل.",
    "book --branch": f"الفرع {_BRANCH_ID}؛ ويلزم مع --at",
    "book --governorate": "مع --first فروع هذه المدينة أو المحافظة وحدها.",
    "branches --governorate": "فروع هذه المدينة أو المحافظة وحدها (معرّف من الأمر governorates).",
    "branches --service": f"الفروع التي تقدم هذه الخدمة وحدها {_SERVICE_ID}.",
    "cancel --clerk": f"الموظف الذي يلغي بدلًا من المستفيد: {_NAME_FORM}.",
    "close --from": f"اليوم الأول، {_DAY_FORM}.",
    "maintain after-restore --log": "مجلد السجل المختوم.",
    "maintain erase --reason": "السبب. يُحفظ، ولا يجوز أن يُعرّف بالشخص.",
    "own-data --out": "ملف HTML جديد: صفحة للقراءة أو الطباعة أو التسليم.",
    "own-data --reason": "سبب اطلاع الموظف. يُحفظ، ولا يجوز أن يُعرّف بالشخص.",
    "close --reason": "السبب، من 1 إلى 400 حرف، ويراه المستفيدون.",
    "closures CLOSURE": "معرّف إغلاق واحد: يُعرض وحده مع المواعيد القائمة المتأثرة به من اليوم فصاعدًا.",
    "explain --auditor": f"المدقق الذي يقرأ بدلًا من المستفيد: {_NAME_FORM}. ويُحفظ السؤال في السجل.",
    "explain --clerk": f"الموظف الذي يقرأ بدلًا من المستفيد: {_NAME_FORM}.",
    "explain --request-id": "معرّف الطلب المراد شرحه بدلًا من رقم الموعد.",
    "hold --branch": f"الفرع {_BRANCH_ID}؛ ويلزم مع --at",
    "hold --moving": "رقم موعد للخدمة نفسها: يُحجز المقعد مؤقتًا حتى يُنقل إليه بالأمر move",
    "hold --governorate": "مع --first فروع هذه المدينة أو المحافظة وحدها.",
    "month --branch": "فرع واحد أو أكثر (معرّفات من الأمر branches): بينها فواصل، أو بتكرار الخيار.",
    "month --governorate": "فروع هذه المدينة أو المحافظة وحدها؛ ويجوز أكثر من واحدة كما في --branch",
    "month --region": "فروع هذه المنطقة وحدها، مثل SA-01؛ ويجوز أكثر من واحدة كما في --branch",
    "month --service": "خدمة واحدة أو أكثر (معرّفات من الأمر services): بينها فواصل، أو بتكرار الخيار.",
    "move --agree": "يوافق المستفيد على التعليمات. ويلزم إن تغيرت بعد الحجز.",
    "move --branch": f"الفرع الجديد {_BRANCH_ID}. والافتراضي مع --at هو فرع الموعد.",
    "move --first": "أقرب وقت متاح للخدمة بدلًا من --at",
    "move --governorate": "مع --first فروع هذه المدينة أو المحافظة وحدها.",
    "seal --key": "ملف المفتاح الخاص الذي يوقّع؛ ويُنشأ هو و FILE.pub إن لم يوجدا. وللمدققين FILE.pub",
    "rules --rulebook": f"{_VERSION} الافتراضي: آخر نسخة من القواعد المرفقة.",
    "rules show --rulebook": f"{_VERSION} الافتراضي: آخر نسخة من القواعد المرفقة.",
    "services --branch": f"الخدمات التي يقدمها هذا الفرع وحدها {_BRANCH_ID}.",
    "show --clerk": f"الموظف الذي يقرأ بدلًا من المستفيد: {_NAME_FORM}.",
    "slots --adjacent": "هذا العدد من الأوقات المتتالية.",
    "slots --after": "ما بعد هذا المؤشر وحده، وهو `next` في الرد السابق مع ‎--json.",
    "slots --branch": "هذا الفرع وحده.",
    "slots --applicant": "ما يمكن لهذا المستفيد حجزه وحده؛ و- لقراءة رقمه من الإدخال القياسي.",
    "slots --between": "بين هذين الوقتين من يوم الفرع وحده، مثل 8:00-12:00",
    "slots --day": "هذا اليوم وحده، بأي التقويمين.",
    "slots --each-branch": "أول وقت في كل فرع وحده.",
    "slots --earlier-only": "مع --moving الأوقات الأبكر وحدها.",
    "slots --moving": "ما يمكن نقل هذا الموعد (رقمه) إليه وحده.",
    "slots --order": "earliest للأبكر، أو nearest للأقرب (ويلزم --near)، أو balanced: كل 100 كيلومتر بيوم.",
    "slots --seats": "ما فيه هذا العدد من المقاعد الشاغرة.",
    "slots --until": "ما قبل هذا اليوم وحده؛ ويجوز معه وقت.",
    "slots --weekday": "هذه الأيام من الأسبوع وحدها، مثل sun,mon أو الأحد,الاثنين.",
    "gate export BRANCH": f"الفرع {_BRANCH_ID}.",
    "gate export --output": "الملف الجديد؛ ولا يُكتب فوق ملف موجود.",
    "gate list BRANCH": f"الفرع {_BRANCH_ID}.",
    "gate merge JOURNALS": "سجلات البوابات التي عملت دون اتصال.",
    "gate scan --branch": f"مع قاعدة البيانات: فرع البوابة {_BRANCH_ID}.",
    "gate scan --clerk": f"مع قاعدة البيانات: الموظف عند البوابة: {_NAME_FORM}.",
    "gate scan --gate": f"دون قاعدة البيانات: اسم البوابة: {_NAME_FORM}.",
    "gate scan --journal": "دون قاعدة البيانات: ملف FILE تُحفظ فيه عمليات المسح من أجل gate merge، ويُكمل إن وُجد.",
    "gate scan --list": "دون قاعدة البيانات: ملف FILE بقائمة اليوم كما كتبه gate export",
    "gate scan --unsigned": "قبول قائمة غير موقّعة.",
    "ticket keys FILE": "ملف المفتاح الخاص.",
    "ticket verify --catalogue": "مجلد دليل الفروع، لأسمائها. الافتراضي: المرفق.",
    "ticket verify FILE": "صورة التذكرة أو ملف PDF لها أو ملف نص فيه الرمز؛ و - للقراءة من الدخل القياسي.",
    "tickets --clerk": f"الموظف الذي يطبعها: {_NAME_FORM}.",
    "tickets --day": f"اليوم، {_DAY_FORM}.",
    "ticket --clerk": f"الموظف الذي يقرأ بدلًا من المستفيد: {_NAME_FORM}.",
}
"""The meaning of each option and argument; with the command's name before it if it means something else there."""


class ArabicHelp:
    """Prints the pages of the help in Arabic; a formatter of cyclopts."""

    def __init__(self) -> None:
        self._command = ""

    def render_usage(self, console: Console, options: object, usage: object) -> None:  # noqa: ARG002 - cyclopts passes them
        """The usage; its words are those to type, from left to right."""
        typed = _plain(usage).removeprefix("Usage: ")
        named = takewhile(_COMMAND.fullmatch, typed.removeprefix(_PROGRAM).split())
        self._command = " ".join(named)
        console.print(f"{USAGE.ar}: {left_to_right(typed, 'ar')}\n", soft_wrap=True, highlight=False, markup=False)

    def render_description(self, console: Console, options: object, description: object) -> None:  # noqa: ARG002 - cyclopts passes them
        """The description of the command."""
        text = COMMANDS.get(self._command) or _plain(description)
        for paragraph in text.split("\n\n"):
            show_part(Sentence(Bilingual(paragraph, paragraph)), console, "ar")
        console.print()

    def __call__(self, console: Console, options: object, panel: HelpPanel) -> None:  # noqa: ARG002 - cyclopts passes them
        """A table of commands or of options."""
        is_commands = panel.format == "command"
        rows = [self._command_row(entry) if is_commands else self._option_row(entry) for entry in panel.entries]
        if rows:
            headers = (COMMAND if is_commands else OPTION, MEANING)
            show_part(Listing(headers=headers, rows=rows), console, "ar")
            console.print()

    def _command_row(self, entry: Any) -> tuple[str, str]:
        name = entry.names[0]
        described = COMMANDS.get(name if name.startswith("-") else f"{self._command} {name}".strip())
        return ", ".join(entry.all_options), (described or _plain(entry.description)).partition("\n\n")[0]

    def _option_row(self, entry: Any) -> tuple[str, str]:
        name = entry.positional_label or entry.names[0]
        meaning = [OPTIONS.get(f"{self._command} {name}") or OPTIONS.get(name) or _plain(entry.description)]
        if entry.choices:
            meaning.append(CHOICES.format(values=words.listed(entry.choices, "ar")))
        if entry.default is not None:
            meaning.append(DEFAULT.format(value=entry.default))
        if entry.required:
            meaning.append(REQUIRED)
        return ", ".join(entry.display_labels_with_metavar), " ".join(meaning)


def _plain(renderable: Any) -> str:
    """The words of a text of cyclopts."""
    console = Console(file=io.StringIO(), width=UNLIMITED, color_system=None)
    with console.capture() as captured:
        console.print(renderable, end="")
    return " ".join(captured.get().split())
