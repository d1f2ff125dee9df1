pragma Singleton
import QtQuick

// The one way from a control to the program. A second strike on the same control within half a second is a
// trembling hand, not a wish (EN 301 549 V3.2.1 5.8).
//
// Keys of the keyboard are struck twice on purpose ("11"), so time between strikes cannot tell a wish from a tremor:
// half a second would refuse an ordinary "11", and what is short enough for it lets tremors through, because an old
// hand rests long on the key before it bounces. What tells them apart is how long the finger was away from the key. A
// hand that trembles (4 to 12 times a second) is away for half a period, 125 ms at most; a finger that is lifted to
// press again is away longer. It is the measure of the "bounce keys" of every desktop. A refused strike costs a third
// press, which shows at once; an unwanted digit costs a search for it.
QtObject {
    id: door
    signal acted(act: string, argument: string)
    property string last: ""
    property double lastAt: 0
    readonly property int away: 150     // milliseconds that a finger leaves a key between two wishes
    property string lifted: ""
    property double liftedAt: 0
    property var clock: Date            // what tells the time; a test's own stands still

    function left(key: string) {        // the finger has left a key
        lifted = key
        liftedAt = clock.now()
    }
    function anew(key: string): bool {  // whether a finger that comes down now is a new wish
        const gone = clock.now() - liftedAt
        return key !== lifted || gone < 0 || gone >= away
    }
    function strike(key: string) {
        last = ""                       // a control struck before counts as another one
        acted("key", key)
    }
    function press(id: string, act: string, argument: string, quiet: int) {
        const now = clock.now()
        const gone = now - lastAt
        if (id === last && gone >= 0 && gone < quiet)   // a clock that was set back must not close a control
            return
        last = id
        lastAt = now
        acted(act, argument)
    }
}
