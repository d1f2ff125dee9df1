import QtQuick
import Kiosk.Style
import Kiosk.Controls
import Kiosk.Screens

// The window: what the program puts into `view` is shown; what a person does leaves by `acted`. All pages exist from
// the start, so that the first time of each is as quick as the tenth.
Window {
    id: window
    property var view: ({})
    property Item current: null
    signal acted(string act, string argument)
    visible: false
    width: 1080
    height: 1920
    flags: Qt.Window | Qt.FramelessWindowHint
    color: Style.ground
    title: "Guichet"
    LayoutMirroring.enabled: Style.rightToLeft
    LayoutMirroring.childrenInherit: true
    Binding { target: Style; property: "screenWidth"; value: window.width }
    Binding { target: Style; property: "screenHeight"; value: window.height }
    Connections {
        target: Door
        function onActed(act: string, argument: string) { window.acted(act, argument) }
    }
    readonly property var screens: ({
        welcome: welcome, language: language, insertCard: insertCard, pin: pin, message: message, menu: menu,
        requests: requests, question: question, check: check, progress: progress, receipt: receipt, code: code
    })
    onViewChanged: {
        const comfort = view.comfort ?? {}
        Style.textPercent = comfort.textScale ?? 100
        Style.highContrast = comfort.highContrast ?? false
        Style.lowered = comfort.lowered ?? false
        Style.rightToLeft = comfort.rightToLeft ?? false
        const chrome = view.chrome ?? {}
        const next = screens[view.screen] ?? null
        if (next === null)
            return
        const plain = chrome.plain ?? false
        header.visible = !plain
        tools.visible = !plain
        header.chrome = chrome
        tools.controls = chrome.controls ?? []
        welcome.chrome = chrome
        next.f = view.fields
        overlay.f = view.overlay ?? {}
        if (current !== next) {
            if (current !== null)
                current.visible = false
            next.visible = true
            current = next
        }
    }
    Header { id: header; width: parent.width; z: 2 }
    Item {
        id: stage
        anchors.top: header.bottom
        anchors.left: parent.left
        anchors.right: Style.portrait ? parent.right : tools.left
        anchors.bottom: Style.portrait ? tools.top : parent.bottom
        LanguageScreen { id: language; visible: false }
        InsertCardScreen { id: insertCard; visible: false }
        PinScreen { id: pin; visible: false }
        MessageScreen { id: message; visible: false }
        MenuScreen { id: menu; visible: false }
        RequestsScreen { id: requests; visible: false }
        QuestionScreen { id: question; visible: false }
        CheckScreen { id: check; visible: false }
        ProgressScreen { id: progress; visible: false }
        ReceiptScreen { id: receipt; visible: false }
        CodeScreen { id: code; visible: false }
    }
    WelcomeScreen { id: welcome; anchors.fill: parent; visible: false }
    Tools {
        id: tools
        anchors.bottom: parent.bottom
        anchors.right: parent.right
        width: Style.portrait ? parent.width : implicitWidth
        height: Style.portrait ? implicitHeight : parent.height - header.height
        z: 2
    }
    Overlay { id: overlay; anchors.fill: parent; z: 3 }
}
