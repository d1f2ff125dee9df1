import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// One question: the answer so far, our keyboard, and a picture of where the answer stands.
Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    step: f.step ?? 0
    steps: f.steps ?? 0
    stepText: f.stepText ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    Accessible.id: "page-question"
    Notice { Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(44)
        rowSpacing: Style.gap
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignTop
            spacing: Style.gap
            Label { text: screen.f.hint ?? ""; color: Style.muted; Layout.fillWidth: true }
            EntryField { Layout.fillWidth: true; label: screen.f.field ?? ""; text: screen.f.text ?? ""; problem: "" }
            WherePicture {
                Layout.fillWidth: true
                title: screen.f.whereTitle ?? ""
                text: screen.f.where ?? ""
                cardCaption: screen.f.cardCaption ?? ""
                statementCaption: screen.f.statementCaption ?? ""
                description: screen.f.picture ?? ""
                compact: !Style.portrait
            }
        }
        Item { visible: Style.portrait; Layout.fillHeight: true; Layout.preferredHeight: 1 }
        Keyboard { Layout.fillWidth: true; Layout.preferredWidth: Style.portrait ? -1 : 1.15; Layout.alignment: Style.portrait ? Qt.AlignBottom : Qt.AlignTop; texts: screen.f.keyboard ?? {} }
    }
}
