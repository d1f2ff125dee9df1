import QtQuick
import Kiosk.Style

// The pad below the screen, with a hand over it: digits are typed there, never here.
Item {
    id: picture
    property string description
    implicitWidth: Style.dp(560)
    implicitHeight: Style.dp(500)
    Accessible.role: Accessible.Graphic
    Accessible.name: description
    Accessible.id: "pad-picture"
    Picture {
        name: "pad"
        anchors.centerIn: parent
        width: Math.round(Math.min(picture.width, picture.height * 720 / 660))
        height: Math.round(width * 660 / 720)
    }
}
