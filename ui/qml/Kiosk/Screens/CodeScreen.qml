import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    actions: [f.back ?? {}, f.next ?? {}]
    Accessible.id: "page-code"
    Notice { Layout.fillWidth: true; title: screen.f.problemTitle ?? ""; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "question-problem" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(44)
        rowSpacing: Style.gap
        EntryField { Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.alignment: Qt.AlignTop; label: screen.f.field ?? ""; text: screen.f.typed ?? "" }
        Item { visible: Style.portrait; Layout.fillHeight: true; Layout.preferredHeight: 1 }
        Keyboard { Layout.fillWidth: true; Layout.preferredWidth: Style.portrait ? -1 : 1.15; Layout.alignment: Style.portrait ? Qt.AlignBottom : Qt.AlignTop; slash: false; texts: screen.f.keyboard ?? {} }
    }
}
