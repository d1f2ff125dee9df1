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
    keys: f.keyboard ?? {}
    Accessible.id: "page-question"
    Notice { Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    Label { visible: text !== "" && !screen.wrong; text: screen.f.hint ?? ""; color: Style.muted; Layout.fillWidth: true }
    EntryField { Layout.fillWidth: true; label: screen.f.field ?? ""; text: screen.f.text ?? ""; bad: screen.wrong }
    WherePicture {
        Layout.fillWidth: true
        title: screen.f.whereTitle ?? ""
        text: screen.f.where ?? ""
        cardCaption: screen.f.cardCaption ?? ""
        statementCaption: screen.f.statementCaption ?? ""
        description: screen.f.picture ?? ""
        compact: true
        visible: !screen.wrong && (!Style.large || (screen.f.text ?? "") === "")
    }
    Item { Layout.fillHeight: true }
}
