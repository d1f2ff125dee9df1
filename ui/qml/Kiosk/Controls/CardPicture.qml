pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style

// A card goes into the reader, chip first, chip side up; or comes out of it.
Item {
    id: picture
    property string description
    property string chipLabel: ""
    property bool moving: true
    property bool leaving: false
    implicitWidth: Style.dp(720)
    implicitHeight: Style.dp(640)
    Accessible.role: Accessible.Graphic
    Accessible.name: description
    Accessible.id: "card-picture"
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    readonly property real unit: Math.min(width / 720, height / 680)
    Item {
        id: scene
        readonly property real out: 236 * picture.unit
        readonly property real inside: 90 * picture.unit
        width: 720 * picture.unit
        height: 680 * picture.unit
        anchors.centerIn: parent
        Picture {
            id: card
            name: "card"
            x: 210 * picture.unit
            y: picture.leaving ? scene.inside : scene.out
            width: Math.round(300 * picture.unit)
            height: Math.round(440 * picture.unit)
            SequentialAnimation on y {
                running: picture.moving && picture.visible
                loops: Animation.Infinite
                PauseAnimation { duration: 700 }
                NumberAnimation { from: picture.leaving ? scene.inside : scene.out; to: picture.leaving ? scene.out : scene.inside; duration: 1200; easing.type: Easing.InOutQuad }
                PauseAnimation { duration: 1300 }
            }
        }
        Picture {
            name: "reader"
            x: 50 * picture.unit
            width: Math.round(620 * picture.unit)
            height: Math.round(220 * picture.unit)
        }
        Rectangle {   // what the arrow is about, in a word
            visible: picture.chipLabel !== "" && !picture.leaving
            x: 14 * picture.unit
            y: 276 * picture.unit
            width: Math.max(150 * picture.unit, chip.implicitWidth + 40 * picture.unit)
            height: chip.implicitHeight + 24 * picture.unit
            radius: height / 2
            color: Style.surface
            border.width: Math.max(2, 4 * picture.unit)
            border.color: Style.primary
            Label { id: chip; anchors.centerIn: parent; text: picture.chipLabel; font.pixelSize: Math.max(Style.dp(24), 34 * picture.unit); font.weight: Font.Bold; color: Style.primary; wrapMode: Text.NoWrap; Accessible.ignored: true }
            Rectangle { anchors.left: parent.right; anchors.verticalCenter: parent.verticalCenter; width: 46 * picture.unit; height: Math.max(2, 5 * picture.unit); color: Style.primary }
        }
        Icon {
            x: 572 * picture.unit
            y: 380 * picture.unit
            name: "arrow-big-up"
            rotation: picture.leaving ? 180 : 0
            tone: Style.primary
            size: 120 * picture.unit
        }
    }
}
