import QtQuick
import QtQuick.Layouts

// Title, and the switch of the line.
Rectangle {
    id: header
    required property var bench
    Theme { id: theme }
    color: theme.primary
    implicitHeight: 64

    RowLayout {
        anchors.fill: parent
        anchors.leftMargin: 20
        anchors.rightMargin: 20
        spacing: 16
        ColumnLayout {
            spacing: 0
            Words {
                text: "Workbench"
                identifier: "title"
                color: "#ffffff"
                font.pixelSize: 20
                font.weight: Font.Bold
            }
            Words {
                text: "Hands, cards, paper and line of a simulated terminal"
                color: "#cfe2ee"
                font.pixelSize: theme.small
            }
        }
        Item { Layout.fillWidth: true }
        Rectangle {
            implicitWidth: 14
            implicitHeight: 14
            radius: 7
            visible: header.bench.line !== "none"
            color: header.bench.line === "on" ? "#5dd6a0" : "#ff8a80"
        }
        Words {
            identifier: "line"
            color: "#ffffff"
            text: {
                if (header.bench.line === "none")
                    return "No line to a back office"
                return header.bench.line === "on" ? "Line to the back office works" : "Line to the back office is cut"
            }
        }
        PushButton {
            visible: header.bench.line !== "none"
            identifier: "switch-line"
            text: header.bench.line === "on" ? "Cut the line" : "Restore the line"
            onClicked: header.bench.setLine(header.bench.line !== "on")
        }
    }
}
