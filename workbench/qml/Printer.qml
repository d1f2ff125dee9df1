pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts

// The receipt printer: its faults, and the paper that came out.
Panel {
    id: printer
    required property var bench
    property int chosen: -1 // -1: the last one
    readonly property var papers: bench.papers
    readonly property int at: chosen < 0 || chosen >= papers.length ? papers.length - 1 : chosen
    title: "Receipt printer"
    aside: bench.printer === "ok" ? "ready" : "out of order"
    asideId: "printer-state"
    Theme { id: theme }

    Flow {
        Layout.fillWidth: true
        spacing: 6
        Repeater {
            model: [
                {fault: "ok", text: "Works"}, {fault: "jam", text: "Jam"}, {fault: "paper-out", text: "No paper"},
                {fault: "cover-open", text: "Cover open"}, {fault: "offline", text: "Off"}
            ]
            PushButton {
                required property var modelData
                text: modelData.text
                identifier: "printer-" + modelData.fault
                Accessible.name: "Printer: " + modelData.text
                chosen: printer.bench.printer === modelData.fault
                onClicked: printer.bench.setPrinter(modelData.fault)
            }
        }
    }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: 18
        radius: 4
        color: theme.metal
        Rectangle {
            anchors.centerIn: parent
            width: Math.min(parent.width - 24, 350)
            height: 5
            radius: 2
            color: "#000000"
        }
    }
    Flickable {
        id: view
        Layout.fillWidth: true
        Layout.fillHeight: true
        Layout.minimumHeight: 120
        Layout.topMargin: -12
        clip: true
        contentWidth: width
        contentHeight: Math.max(height, sheet.y + sheet.height + 16)
        boundsBehavior: Flickable.StopAtBounds
        Rectangle {
            anchors.fill: parent
            color: "#b9c4cc"
        }
        Rectangle {
            x: sheet.x + 3
            y: sheet.y + 3
            width: sheet.width
            height: sheet.height
            color: "#8f9ba4"
            visible: sheet.visible
        }
        Image {
            id: sheet
            anchors.horizontalCenter: parent.horizontalCenter
            y: 0
            visible: printer.at >= 0
            source: printer.at >= 0 ? printer.papers[printer.at].url : ""
            width: Math.min(view.width - 32, 400)
            fillMode: Image.PreserveAspectFit
            smooth: true
            mipmap: true
            asynchronous: false
            Accessible.role: Accessible.Graphic
            Accessible.id: "paper"
            Accessible.name: printer.at >= 0 ? printer.papers[printer.at].text : "No paper yet"
        }
        Rectangle {
            anchors.right: parent.right
            anchors.rightMargin: 3
            visible: view.visibleArea.heightRatio < 1
            y: view.contentY + view.visibleArea.yPosition * view.height
            width: 5
            height: view.visibleArea.heightRatio * view.height
            radius: 2
            color: theme.metal
            opacity: 0.5
        }
        Words {
            anchors.centerIn: parent
            visible: printer.at < 0
            identifier: "no-paper"
            text: "Nothing has been printed yet"
            color: theme.metal
        }
    }
    Words {
        Layout.fillWidth: true
        visible: printer.bench.standing !== ""
        identifier: "standing"
        text: "Printing: " + printer.bench.standing
        color: theme.warn
        maximumLineCount: 1
    }
    RowLayout {
        spacing: 8
        PushButton {
            text: "‹"
            identifier: "paper-before"
            Accessible.name: "The paper before"
            enabled: printer.at > 0
            onClicked: printer.chosen = printer.at - 1
        }
        Words {
            identifier: "paper-number"
            text: {
                if (printer.at < 0)
                    return "no papers"
                const last = printer.papers[printer.papers.length - 1].number
                return "paper " + printer.papers[printer.at].number + " of " + last
            }
            color: theme.muted
        }
        PushButton {
            text: "›"
            identifier: "paper-after"
            Accessible.name: "The next paper"
            enabled: printer.at >= 0 && printer.at < printer.papers.length - 1
            onClicked: printer.chosen = printer.at + 1 === printer.papers.length - 1 ? -1 : printer.at + 1
        }
        Item { Layout.fillWidth: true }
        PushButton {
            text: "Scan its code"
            identifier: "scan-paper"
            enabled: printer.at >= 0 && printer.papers[printer.at].code !== ""
            onClicked: printer.bench.scan(printer.papers[printer.at].code)
        }
    }
}
