import QtQuick
import QtQuick.Templates as T

// A button; `chosen` for one of several.
T.Button {
    id: button
    property string identifier
    property bool chosen: false
    property bool strong: false
    property color face: theme.surface
    property color ink: theme.primary
    property bool large: false
    Theme { id: theme }
    implicitHeight: large ? 42 : 34
    implicitWidth: Math.max(large ? 64 : 56, label.implicitWidth + 24)
    font.family: theme.family
    font.pixelSize: large ? 18 : theme.normal
    focusPolicy: Qt.StrongFocus
    Accessible.role: Accessible.Button
    Accessible.id: identifier
    Accessible.name: text
    Accessible.checked: chosen
    Accessible.onPressAction: button.clicked()
    background: Rectangle {
        radius: 8
        color: {
            if (button.strong || button.chosen)
                return button.down ? theme.primaryDown : theme.primary
            return button.down ? Qt.darker(button.face, 1.12) : button.face
        }
        border.width: button.visualFocus ? 3 : 1
        border.color: button.visualFocus ? theme.focus : button.strong || button.chosen ? theme.primaryDown : theme.edge
        opacity: button.enabled ? 1 : 0.45
    }
    contentItem: Text {
        id: label
        text: button.text
        font: button.font
        color: button.strong || button.chosen ? "#ffffff" : button.ink
        opacity: button.enabled ? 1 : 0.6
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        Accessible.ignored: true
    }
}
