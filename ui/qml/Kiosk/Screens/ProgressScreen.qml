pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// After signing: what is done, what is being done, what is still to come.
Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    Accessible.id: "page-progress"
    ColumnLayout {
        Layout.fillWidth: true
        Layout.topMargin: Style.dp(Style.portrait ? 32 : 0)
        spacing: Style.dp(Style.portrait ? 36 : 14)
        Repeater {
            model: screen.f.steps ?? []
            Rectangle {
                id: step
                required property var modelData
                required property int index
                readonly property bool done: modelData.state === "done"
                readonly property bool now: modelData.state === "now"
                Layout.fillWidth: true
                implicitHeight: line.implicitHeight + Style.dp(Style.portrait ? 56 : 32)
                radius: Style.radius
                color: done ? Style.okTint : Style.surface
                border.width: Style.dp(now ? 5 : 2)
                border.color: done ? Style.ok : now ? Style.primary : Style.line
                Accessible.role: Accessible.StaticText
                Accessible.name: modelData.text
                Accessible.id: "step-" + index + "-" + modelData.state
                RowLayout {
                    id: line
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.margins: Style.dp(36)
                    spacing: Style.dp(28)
                    Icon { name: step.done ? "circle-check" : step.now ? "clock" : "chevron-right"; tone: step.done ? Style.ok : step.now ? Style.primary : Style.muted; size: Style.dp(64) }
                    Label { text: step.modelData.text; Layout.fillWidth: true; font.pixelSize: Style.sp(40); font.weight: step.now || step.done ? Font.Bold : Font.Normal; color: step.done ? Style.ok : step.now ? Style.text : Style.muted; Accessible.ignored: true }
                }
            }
        }
    }
    Item { Layout.fillHeight: true }
    Notice { Layout.fillWidth: true; text: screen.f.note ?? ""; icon: "printer" }
}
