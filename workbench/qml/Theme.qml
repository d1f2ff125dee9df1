import QtQuick

// Colours and type of the workbench: those of the kiosk, calmer.
QtObject {
    readonly property color ground: "#eef2f5"
    readonly property color surface: "#ffffff"
    readonly property color primary: "#0b4a6f"
    readonly property color primaryDown: "#083650"
    readonly property color tint: "#e2eef6"
    readonly property color text: "#13212c"
    readonly property color muted: "#465866"
    readonly property color edge: "#6b7e8c"
    readonly property color line: "#cdd7df"
    readonly property color ok: "#0a6b4f"
    readonly property color bad: "#a61b1b"
    readonly property color badTint: "#fcebea"
    readonly property color warn: "#8a4b00"
    readonly property color focus: "#e08600"
    readonly property color metal: "#2b3640"
    readonly property color display: "#cfe3c8"
    readonly property color displayText: "#14261b"
    readonly property string family: "Guichet Paper"
    readonly property int small: 13
    readonly property int normal: 15
    readonly property int heading: 17
}
