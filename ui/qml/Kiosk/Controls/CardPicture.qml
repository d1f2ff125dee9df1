import QtQuick
import Kiosk.Style

// A card goes into the reader, chip first, chip side up. Drawn, so that it is sharp at any size and in any contrast.
Item {
    id: picture
    property string description
    property string chipLabel: ""
    property bool moving: true
    property bool leaving: false
    implicitWidth: Style.dp(720)
    implicitHeight: Style.dp(620)
    Accessible.role: Accessible.Graphic
    Accessible.name: description
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    readonly property real unit: Math.min(width / 720, height / 620)
    Item {
        width: 720 * picture.unit
        height: 620 * picture.unit
        anchors.centerIn: parent
        Rectangle {   // the card
            id: card
            readonly property real out: 250 * picture.unit
            readonly property real inside: 120 * picture.unit
            x: 190 * picture.unit
            y: picture.leaving ? inside : out
            width: 340 * picture.unit
            height: 330 * picture.unit
            radius: 24 * picture.unit
            color: Style.highContrast ? "#222222" : "#ffffff"
            border.width: 5 * picture.unit
            border.color: Style.primary
            SequentialAnimation on y {
                running: picture.moving && picture.visible
                loops: Animation.Infinite
                PauseAnimation { duration: 500 }
                NumberAnimation { from: picture.leaving ? card.inside : card.out; to: picture.leaving ? card.out : card.inside; duration: 1100; easing.type: Easing.InOutQuad }
                PauseAnimation { duration: 1200 }
            }
            Rectangle {   // chip
                anchors.horizontalCenter: parent.horizontalCenter
                y: 40 * picture.unit
                width: 92 * picture.unit
                height: 76 * picture.unit
                radius: 12 * picture.unit
                color: Style.highContrast ? "#ffe14d" : "#e3b341"
                border.width: 3 * picture.unit
                border.color: Style.highContrast ? "#ffffff" : "#8a6a17"
                Rectangle { anchors.centerIn: parent; width: parent.width; height: 3 * picture.unit; color: parent.border.color }
                Rectangle { anchors.centerIn: parent; width: 3 * picture.unit; height: parent.height; color: parent.border.color }
            }
            Label {
                anchors.horizontalCenter: parent.horizontalCenter
                y: 126 * picture.unit
                text: picture.chipLabel
                font.pixelSize: 30 * picture.unit
                font.weight: Font.Bold
                color: Style.muted
                Accessible.ignored: true
            }
            Column {
                x: 44 * picture.unit
                y: 200 * picture.unit
                spacing: 20 * picture.unit
                Rectangle { width: 250 * picture.unit; height: 16 * picture.unit; radius: height / 2; color: Style.line }
                Rectangle { width: 170 * picture.unit; height: 16 * picture.unit; radius: height / 2; color: Style.line }
            }
        }
        Rectangle {   // the reader stands before the upper end of the card
            x: 60 * picture.unit
            y: 20 * picture.unit
            width: 600 * picture.unit
            height: 200 * picture.unit
            radius: 36 * picture.unit
            color: Style.highContrast ? "#000000" : "#0b4a6f"
            border.width: Style.highContrast ? 5 * picture.unit : 0
            border.color: "#ffffff"
            Rectangle { x: 110 * picture.unit; y: 168 * picture.unit; width: 380 * picture.unit; height: 16 * picture.unit; radius: height / 2; color: Style.highContrast ? "#ffe14d" : "#04283d" }
            Rectangle { x: 40 * picture.unit; y: 40 * picture.unit; width: 34 * picture.unit; height: width; radius: width / 2; color: "#5dffb0" }
            Icon { anchors.horizontalCenter: parent.horizontalCenter; y: 52 * picture.unit; name: "credit-card"; tone: "#ffffff"; size: 84 * picture.unit }
        }
        Icon {
            x: 590 * picture.unit
            y: 330 * picture.unit
            name: "arrow-big-up"
            rotation: picture.leaving ? 180 : 0
            tone: Style.primary
            size: 110 * picture.unit
        }
    }
}
