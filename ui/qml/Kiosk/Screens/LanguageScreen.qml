pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    Accessible.id: "page-language"
    GridLayout {
        Layout.fillWidth: true
        Layout.topMargin: Style.dp(20)
        columns: Style.portrait ? 1 : 3
        columnSpacing: Style.dp(28)
        rowSpacing: Style.dp(28)
        Repeater {
            model: (screen.f.languages ?? []).length
            PushButton {
                required property int index
                spec: screen.f.languages[index] ?? ({})
                kind: "h2"
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.preferredHeight: Math.max(Style.dp(172), implicitHeight)
            }
        }
    }
    Spring {}
}
