pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// The pad is in charge. No digit is typed or shown here; dots only where the pad tells how many it holds.
Frame {
    id: screen
    property var f: ({})
    readonly property int digits: f.digits ?? -1
    title: f.title ?? ""
    lead: f.text ?? ""
    Accessible.id: "page-pin"
    Notice { Layout.fillWidth: true; tone: "bad"; icon: "circle-alert"; accessibleId: "pin-problem"; text: screen.f.problem ?? ""; title: "" }
    Label { visible: text !== ""; text: screen.f.tries ?? ""; kind: "h2"; color: Style.bad; Layout.fillWidth: true; Accessible.id: "pin-tries" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(56)
        rowSpacing: Style.gap
        PadPicture {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredHeight: Style.dp(Style.portrait ? 360 : 240)
            Layout.maximumHeight: Style.dp(640)
            description: screen.f.picture ?? ""
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: Style.portrait ? -1 : Style.dp(620)
            spacing: Style.gap
            Rectangle {
                Layout.fillWidth: true
                Layout.preferredHeight: Style.dp(140)
                visible: screen.digits >= 0
                radius: Style.radius
                color: Style.surface
                border.width: Style.dp(4)
                border.color: Style.primary
                Accessible.role: Accessible.StaticText
                Accessible.name: screen.f.digitsText ?? ""
                Accessible.id: "pin-digits"
                Row {
                    anchors.centerIn: parent
                    spacing: Style.dp(28)
                    Repeater {
                        model: Math.max(6, screen.digits)
                        Rectangle {
                            required property int index
                            width: Style.dp(44)
                            height: width
                            radius: width / 2
                            color: index < screen.digits ? Style.primary : "transparent"
                            border.width: Style.dp(4)
                            border.color: Style.edge
                        }
                    }
                }
            }
            RowLayout {
                spacing: Style.dp(20)
                Icon { name: "clock"; tone: Style.primary; size: Style.dp(50) }
                Label { text: screen.f.secondsText ?? ""; kind: "h2"; Layout.fillWidth: true; Accessible.id: "pin-seconds" }
            }
            RowLayout {
                spacing: Style.dp(20)
                Icon { name: "lock"; tone: Style.muted; size: Style.dp(50); Layout.alignment: Qt.AlignTop }
                Label { text: screen.f.safe ?? ""; color: Style.muted; Layout.fillWidth: true }
            }
            Item { Layout.fillHeight: true; visible: !Style.portrait }
        }
    }
}
