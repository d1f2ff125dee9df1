import QtQuick
import QtQuick.Layouts
import QtQuick.Templates as T

// What is typed here is read by the scanner as a code.
Panel {
    id: scanner
    required property var bench
    title: "Barcode scanner"
    Theme { id: theme }

    RowLayout {
        spacing: 8
        T.TextField {
            id: field
            Layout.fillWidth: true
            implicitHeight: 36
            leftPadding: 10
            rightPadding: 10
            verticalAlignment: TextInput.AlignVCenter
            font.family: theme.family
            font.pixelSize: theme.normal
            color: theme.text
            selectByMouse: true
            selectionColor: theme.primary
            maximumLength: 2048
            Accessible.role: Accessible.EditableText
            Accessible.id: "scan-text"
            Accessible.name: "Text of the code"
            onAccepted: scanner.hold()
            background: Rectangle {
                radius: 8
                color: theme.surface
                border.width: field.activeFocus ? 3 : 1
                border.color: field.activeFocus ? theme.focus : theme.edge
                Words {
                    visible: field.text === "" && !field.activeFocus
                    anchors.verticalCenter: parent.verticalCenter
                    x: 10
                    text: "code or reference"
                    color: theme.muted
                }
            }
        }
        PushButton {
            text: "Scan"
            identifier: "scan"
            enabled: field.text !== ""
            onClicked: scanner.hold()
        }
    }

    function hold(): void {
        if (scanner.bench.scan(field.text))
            field.clear()
    }
}
