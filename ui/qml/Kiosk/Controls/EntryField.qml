import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// Shows what was typed; the program keeps it. It takes no system input, so there is no menu, clipboard or caret to lose.
ColumnLayout {
    id: field
    property string label
    property string text
    property bool bad: false
    spacing: Style.dp(12)
    Label { text: field.label; font.weight: Font.Bold; Layout.fillWidth: true; Accessible.ignored: true }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: Math.max(Style.dp(124), shown.implicitHeight + Style.dp(48))
        radius: Style.radius
        color: Style.surface
        border.width: Style.dp(5)
        border.color: field.bad ? Style.bad : Style.primary
        Accessible.role: Accessible.EditableText
        Accessible.name: field.label
        Accessible.id: "field"
        Accessible.focusable: true
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        RowLayout {
            anchors.fill: parent
            anchors.leftMargin: Style.dp(32)
            anchors.rightMargin: Style.dp(28)
            spacing: Style.dp(4)
            Label {
                id: shown
                text: field.text
                font.pixelSize: Math.min(Style.sp(46), Style.dp(text.length > 26 ? 48 : 60))
                font.weight: Font.Bold
                font.letterSpacing: Style.dp(1)
                Layout.maximumWidth: field.width - Style.dp(150)
                wrapMode: Text.Wrap
                Accessible.id: "field-text"
            }
            Rectangle { Layout.preferredWidth: Style.dp(5); Layout.preferredHeight: Style.dp(64); color: Style.primary }
            Item { Layout.fillWidth: true }
            Icon { name: field.bad ? "circle-alert" : ""; visible: name !== ""; tone: Style.bad; size: Style.dp(54) }
        }
    }
}
