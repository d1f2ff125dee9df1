import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// Shows what was typed; the program keeps it. It takes no system input, so there is no menu, clipboard or caret to lose.
ColumnLayout {
    id: field
    property string label
    property string text
    property string problem
    property bool words: false          // runs as its letters do; numbers run from left to right in any language
    property bool lines: false          // may be long: smaller type, and the end of it is what shows
    readonly property bool bad: problem !== ""
    readonly property int pixels: Style.cramped ? Style.dp(52) : !words ? Style.upTo(Style.portrait ? 56 : 48, 76) : text.length > 120 ? Style.upTo(32, 52) : Style.upTo(Style.portrait ? 46 : 40, 64)
    readonly property real most: !words ? Number.POSITIVE_INFINITY : Style.dp(Style.portrait ? 420 : Style.large ? 320 : 250)
    spacing: Style.dp(10)
    Label { text: field.label; font.weight: Font.Bold; Layout.fillWidth: true; Accessible.ignored: true }
    Label {
        visible: field.bad
        text: field.problem
        color: Style.bad
        font.weight: Font.Bold
        font.pixelSize: Style.cramped ? Style.dp(40) : Style.sp(30)
        Layout.fillWidth: true
        Accessible.id: "field-problem"
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: Math.max(Style.dp(Style.cramped ? 104 : field.lines && !Style.lowered ? 180 : 124), Math.min(field.most, shown.height + Style.dp(36)))
        clip: shown.height > field.most
        radius: Style.radius
        color: Style.surface
        border.width: Style.dp(field.bad ? 6 : 5)
        border.color: field.bad ? Style.bad : Style.primary
        Accessible.role: Accessible.EditableText
        Accessible.name: field.label
        Accessible.description: field.problem
        Accessible.id: "field"
        Accessible.focusable: true
        LayoutMirroring.enabled: false
        LayoutMirroring.childrenInherit: true
        TextEdit {
            id: shown
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.leftMargin: Style.dp(32)
            anchors.rightMargin: Style.dp(field.bad ? 104 : 32)
            y: parent.clip ? parent.height - height - Style.dp(18) : field.lines ? Style.dp(18) : (parent.height - height) / 2
            text: field.text
            readOnly: true
            activeFocusOnPress: false
            selectByMouse: false
            textFormat: TextEdit.PlainText
            font.pixelSize: field.pixels
            font.weight: Font.Bold
            font.letterSpacing: field.words ? 0 : Style.dp(1)
            color: Style.text
            wrapMode: TextEdit.Wrap
            horizontalAlignment: !field.words ? TextEdit.AlignLeft : text === "" ? (Style.rightToLeft ? TextEdit.AlignRight : TextEdit.AlignLeft) : undefined
            Accessible.role: Accessible.StaticText
            Accessible.name: field.text
            Accessible.id: "field-text"
            Rectangle {   // where the next character goes
                readonly property rect at: { void [shown.text, shown.width, shown.contentWidth, shown.contentHeight]; return shown.positionToRectangle(shown.length) }
                x: at.x + Style.dp(3)
                y: at.y + at.height * 0.1
                width: Style.dp(5)
                height: at.height * 0.8
                color: Style.primary
            }
        }
        Icon {
            anchors.right: parent.right
            anchors.rightMargin: Style.dp(28)
            anchors.verticalCenter: parent.verticalCenter
            name: field.bad ? "circle-alert" : ""
            visible: field.bad
            tone: Style.bad
            size: Style.dp(58)
        }
    }
}
