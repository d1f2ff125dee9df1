pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls
import Kiosk.Blocks

// One question: what can be chosen, or the answer so far with our keyboard; for an account a picture of where it stands.
Frame {
    id: screen
    property var f: ({})
    readonly property bool wrong: (f.problem ?? "") !== ""
    readonly property bool choosing: f.kind === "choice"
    readonly property string of: f.of ?? ""
    readonly property var choices: choosing ? f.choices ?? [] : []
    readonly property bool whole: !choosing || list.whole
    title: f.title ?? ""
    lead: choosing && !wrong ? f.hint ?? "" : ""
    step: f.step ?? 0
    steps: f.steps ?? 0
    stepText: f.stepText ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    keyable: true
    keyed: !choosing
    headed: !(wrong && Style.large && !choosing)
    keys: f.keyboard ?? {}
    keysKind: f.keys ?? "account"
    keysLanguage: f.language ?? "en"
    keysLanguages: f.languages ?? []
    keysCapital: f.capital ?? false
    announcement: f.problem ?? ""
    Accessible.id: "page-question"
    Notice { visible: screen.wrong && (screen.choosing || !screen.split || Style.large); Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; tone: "warn"; icon: "info"; accessibleId: "question-empty" }
    Label { visible: text !== "" && !screen.wrong && !screen.choosing; text: screen.f.hint ?? ""; color: Style.muted; Layout.fillWidth: true; Accessible.id: "question-hint" }
    PushButton { spec: screen.f.helper ?? ({}); slim: true; Layout.fillWidth: true }
    WherePicture {
        Layout.fillWidth: true
        cardCaption: screen.f.cardCaption ?? ""
        statementCaption: screen.f.statementCaption ?? ""
        description: (screen.f.picture ?? "") + " " + (screen.f.where ?? "")
        visible: (screen.f.picture ?? "") !== "" && !screen.wrong && (screen.split || screen.height > Style.dp(1500))   // it yields to a word about the line
    }
    Choices { id: list; visible: screen.choosing; Layout.fillWidth: true; choices: screen.choices; of: screen.of }
    Spring {}
    entry: Column {
        width: parent?.width ?? 0
        spacing: Style.gap
        Notice { width: parent.width; visible: screen.wrong && screen.split && !Style.large; title: screen.f.problemTitle ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
        EntryField { width: parent.width; label: screen.f.field ?? ""; text: screen.f.text ?? ""; problem: (Style.large && screen.wrong ? screen.f.problemTitle : screen.f.problem) ?? ""; words: ["words", "lines"].includes(screen.keysKind); lines: screen.keysKind === "lines" }
    }
}
