import QtQuick
import Kiosk.Style

// Never absent where nothing is real.
Rectangle {
    id: strip
    property string text
    property string times
    property bool practice: false       // invented persons, nothing leaves: said in another colour and in a frame
    readonly property bool shown: text !== ""       // not `visible`, which is false under a page that hides the header:
    height: shown ? Style.dp(54) : 0                // the stage below would change its height, and all pages with it
    visible: shown
    color: practice ? (Style.highContrast ? "#ff9bf5" : "#f3c6ef") : Style.highContrast ? "#ffe14d" : "#ffcf6b"
    border.width: practice ? Style.dp(5) : 0
    border.color: "#6d1b67"
    Label {
        anchors.centerIn: parent
        width: parent.width - 2 * Style.pad
        horizontalAlignment: Text.AlignHCenter
        text: strip.times !== "" ? strip.text + " · " + strip.times : strip.text
        color: "#2b1f00"
        font.pixelSize: Style.upTo(28, 36)
        font.weight: Font.Bold
        wrapMode: Text.NoWrap
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Style.dp(16)
        Accessible.id: "demonstration"
    }
}
