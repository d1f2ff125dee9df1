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
    announcement: f.problem ?? ""
    Accessible.id: ({ "awaiting-signature": "page-sign-pin", "awaiting-new-pin": "page-new-pin", "awaiting-number-pin": "page-number-pin" })[f.page] ?? "page-pin"
    Notice { Layout.fillWidth: true; tone: "bad"; icon: "circle-alert"; accessibleId: "pin-problem"; title: screen.f.problem ?? ""; text: screen.f.tries ?? "" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: true
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(64)
        rowSpacing: Style.gap
        PadPicture {
            Layout.fillWidth: true
            Layout.fillHeight: true
            Layout.preferredWidth: 1
            Layout.preferredHeight: Style.dp(Style.large ? 300 : Style.portrait ? 420 : 330)
            Layout.minimumHeight: Style.dp(300)
            Layout.maximumHeight: Style.dp(760)
            description: screen.f.picture ?? ""
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.alignment: Qt.AlignVCenter
            spacing: Style.gap
            Rectangle {
                Layout.fillWidth: true
                Layout.preferredHeight: Style.dp(128)
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
                        model: 8
                        Rectangle {
                            required property int index
                            visible: index < Math.max(6, screen.digits)
                            width: Style.dp(44)
                            height: width
                            radius: width / 2
                            color: index < screen.digits ? Style.primary : "transparent"
                            border.width: Style.dp(4)
                            border.color: index < screen.digits ? Style.primary : Style.edge
                        }
                    }
                }
            }
            RowLayout {
                spacing: Style.dp(24)
                Icon { name: "clock"; tone: Style.primary; size: Style.upTo(52, 76) }
                Label { text: screen.f.secondsText ?? ""; font.pixelSize: Style.sp(40); font.weight: Font.Bold; Layout.fillWidth: true; Accessible.id: "pin-seconds" }
            }
            RowLayout {
                spacing: Style.dp(24)
                Icon { name: "lock"; tone: Style.muted; size: Style.upTo(52, 76); Layout.alignment: Qt.AlignTop }
                Label { text: screen.f.safe ?? ""; color: Style.muted; Layout.fillWidth: true }
            }
        }
    }
}
