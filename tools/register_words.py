"""The texts of the register beside the rules' own, in English and Arabic."""

from typing import Final

from traffic_booking import Bilingual

TITLE: Final = Bilingual("سجل القواعد", "The register of rules")
INTRODUCTION: Final = Bilingual(
    "هذه الصفحة مولدة من قيم القواعد نفسها بالأمر `python -m tools.check_register --write`، ويفشل `make check` إذا"
    " اختلفت عنها. نسخة القواعد: {version}، سارية من {from_}، وتاريخ الانتهاء: {until}. كل قيمة فيها من وضع هذا"
    " المشروع وغير رسمية ما لم تذكر صفتها غير ذلك. النص الإنجليزي في [السجل الإنجليزي](rules.md).",
    "Generated from the rule values by `python -m tools.check_register --write`; `make check` fails if it is stale."
    " Rulebook version: {version}, in force from {from_} until {until}. Every figure is a policy value of this project,"
    " and unofficial unless its status says otherwise. The same in Arabic: [سجل القواعد](rules.ar.md). How to read it:"
    " [read the rules](../how-to/read-the-rules.md).",
)
OPEN_ENDED: Final = Bilingual("غير محدد", "further notice")
TABLES: Final = Bilingual("القواعد المطبقة في كل إجراء", "Rules by use case")
TABLES_INTRODUCTION: Final = Bilingual(
    "تُطبَّق في كل إجراء جميع قواعده السارية بهذا الترتيب، ويُرفض الطلب إذا خولفت إحداها. ولا يُبتّ في شيء ما لم تكن"
    " القاعدة الموسومة بـ«لازمة» سارية.",
    "For each use case, the rules that are in force are evaluated in this order. Each broken rule refuses the request."
    " Nothing is decided while a rule marked “needed” is not in force.",
)
RULES: Final = Bilingual("القواعد", "The rules")
ORDER: Final = Bilingual("الترتيب", "order")
RULE: Final = Bilingual("القاعدة", "rule")
SENTENCE: Final = Bilingual("النص", "sentence")
REFUSAL: Final = Bilingual("ما يُبلَّغ به المستفيد عند الرفض", "what the applicant reads if it is broken")
UNMEASURED: Final = Bilingual(
    "ما يُبلَّغ به إن لم يكن هناك ما يُقاس", "what the applicant reads if there was nothing to measure"
)
AFTER: Final = Bilingual("لا تنطبق ما دامت هذه غير مستوفاة", "not applicable while these are broken")
A_FIGURE: Final = Bilingual("‹القيمة›", "‹figure›")
PLACES: Final = {
    "observed": Bilingual("‹ما وُجد›", "‹what was found›"),
    "limit": Bilingual("‹الحد›", "‹the limit›"),
    "limit years": Bilingual("‹العدد› سنة", "‹number› years"),
    "missing": Bilingual("‹الشروط غير المستوفاة›", "‹the missing conditions›"),
    "allowed_from": Bilingual("‹أول وقت مسموح›", "‹the first allowed time›"),
}
"""The values that a refusal contains when it is shown."""
NEEDED: Final = Bilingual("لازمة", "needed")
EVALUATED: Final = Bilingual("نوع الطلب", "evaluated for")
EVALUATED_AS: Final = Bilingual("{use} (الترتيب {order})", "{use} (no. {order})")
FIGURE: Final = Bilingual("القيمة", "figure")
FIGURE_IS: Final = Bilingual(
    "{value} (من {least} إلى {greatest}، و{stricter} أشد تقييدًا)",
    "{value} {unit} ({least} to {greatest}; {stricter} is stricter)",
)
STATUS: Final = Bilingual("الصفة", "status")
SOURCE: Final = Bilingual("المصدر", "source")
IN_FORCE: Final = Bilingual("السريان", "in force")
PERIOD: Final = Bilingual("من {from_}، وتاريخ الانتهاء: {until}", "from {from_} until {until}")
CHECK: Final = Bilingual("موضع التحقق في الشيفرة", "check")
PLACE: Final = Bilingual("`{name}` في `{file}`", "`{name}` in `{file}`")
TRUTH_TABLES: Final = Bilingual("جداول الحقيقة", "truth tables")
PROPERTIES: Final = Bilingual("الخصائص", "properties")
OTHER_TESTS: Final = Bilingual("اختبارات أخرى", "other tests")
VERSIONS: Final = Bilingual("نسخ القواعد", "versions")
FIRST: Final = Bilingual("{version} من {from_}: أولى النسخ", "{version} from {from_}: the first")
CAME: Final = Bilingual("{version} من {from_}: {what}", "{version} from {from_}: {what}")
CHANGELOG: Final = Bilingual("سجل التغييرات", "changelog")
UNRELEASED: Final = Bilingual("لم تصدر بعد", "Unreleased")
CHANGED: Final = Bilingual("{field}: {before} ← {after}", "{field} {before} → {after}")
