pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style

RowLayout {
    id: steps
    property int step: 0
    property int count: 0
    property string text: ""
    spacing: Style.dp(count > 8 ? 6 : 14)
    visible: count > 0
    Accessible.role: Accessible.ProgressBar
    Accessible.name: text
    Accessible.id: "steps"
    Repeater {
        model: steps.count > 8 && Style.large ? 0 : steps.count
        Rectangle {
            required property int index
            Layout.fillWidth: true
            Layout.preferredHeight: Style.dp(12)
            radius: height / 2
            color: index < steps.step ? Style.primary : Style.surface
            border.width: index < steps.step ? 0 : Style.dp(2)
            border.color: Style.edge
        }
    }
    Label { text: steps.text; kind: "small"; font.pixelSize: Style.upTo(28, 44); font.weight: Font.Bold; wrapMode: Text.NoWrap; Layout.leftMargin: Style.dp(12); Accessible.ignored: true }
}
