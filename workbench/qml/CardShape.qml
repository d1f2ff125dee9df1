import QtQuick

// A small chip card.
Rectangle {
    property color tone: "#0b4a6f"
    implicitWidth: 46
    implicitHeight: 30
    radius: 4
    color: tone
    Rectangle {
        x: 6
        y: 9
        width: 11
        height: 9
        radius: 2
        color: "#e6c667"
        border.color: "#b8963a"
    }
    Rectangle {
        x: 6
        y: 22
        width: 24
        height: 2
        color: "#ffffff"
        opacity: 0.7
    }
}
