import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// One question: the answer so far, our keyboard, and a picture of where the answer stands.
Frame {
    id: screen
    property var f: ({})
    readonly property bool wrong: (f.problem ?? "") !== ""
    title: f.title ?? ""
    step: f.step ?? 0
    steps: f.steps ?? 0
    stepText: f.stepText ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    keyed: true
    headed: !(wrong && Style.large)
    keys: f.keyboard ?? {}
    announcement: f.problem ?? ""
    Accessible.id: "page-question"
    Notice { visible: screen.wrong && (!screen.split || Style.large); Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    Label { visible: text !== "" && !screen.wrong; text: screen.f.hint ?? ""; color: Style.muted; Layout.fillWidth: true }
    WherePicture {
        Layout.fillWidth: true
        cardCaption: screen.f.cardCaption ?? ""
        statementCaption: screen.f.statementCaption ?? ""
        description: (screen.f.picture ?? "") + " " + (screen.f.where ?? "")
        visible: !screen.wrong && (screen.split || screen.height > Style.dp(1500))   // it yields to a word about the line
    }
    Spring {}
    entry: Column {
        width: parent?.width ?? 0
        spacing: Style.gap
        Notice { width: parent.width; visible: screen.wrong && screen.split && !Style.large; title: screen.f.problemTitle ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
        EntryField { width: parent.width; label: screen.f.field ?? ""; text: screen.f.text ?? ""; problem: (Style.large && screen.wrong ? screen.f.problemTitle : screen.f.problem) ?? "" }
    }
}
