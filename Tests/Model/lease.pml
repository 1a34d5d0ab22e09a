/* The lease by which one relay at a time sends the payments of a sender, as a model for spin.

   Each relay does again and again what PendingPayments.poll does for one sender: it asks for the lease, writes down that it is
   about to send (refused where its fencing number is old), looks at its own clock, sends, writes the answer down, and gives
   the lease back. Each line that touches the journal is one transaction of the database, so it is atomic here. A relay may
   stop for any time or die between any two steps. The lease of one that goes on is renewed; that of one that is stopped or
   dead ends.

   Checked: who writes or begins to send has the newest fencing number (assertions), and every payment is mined in the end,
   as long as one relay lives and the stops have an end (mined). */

#ifndef RELAYS
#define RELAYS 2
#endif
#ifndef FAULTS
#define FAULTS 3
#endif
#define NOBODY RELAYS
#define PAYMENTS 1

/* The journal. */
byte owner = NOBODY;
byte fence = 0;
bool isOver = true;
bool asked[PAYMENTS];
bool answered[PAYMENTS];

/* The chain: how often each payment was mined. */
byte mined[PAYMENTS];

/* Each relay: whether it lives, whether it is stopped, and whether its own clock says that the lease has ended. */
bool lives[RELAYS];
bool isStopped[RELAYS];
bool ownClockOver[RELAYS];
byte number[RELAYS];
byte living = RELAYS;
byte faults = FAULTS;

#define isNewest(r) (owner == r && number[r] == fence)
#define goesOn (lives[me] && !isStopped[me])

/* A transaction that is mined once cannot be mined again: its nonce is used. */
inline send(payment) {
    if
    :: mined[payment] == 0 -> mined[payment]++
    :: else
    fi
}

proctype Relay(byte me) {
    byte payment;
again:
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: else
        fi;
        payment = 0;
        do
        :: payment < PAYMENTS && answered[payment] -> payment++
        :: else -> break
        od;
        if
        :: payment == PAYMENTS -> goto idle
        :: else
        fi
    }
    /* lease(): another relay's is refused until it is over. */
    atomic { !lives[me] || (goesOn && (owner == me || isOver));
        if
        :: !lives[me] -> goto dead
        :: else
        fi;
        if
        :: owner != me -> fence++; owner = me
        :: else
        fi;
        number[me] = fence;
        isOver = false;
        ownClockOver[me] = false
    }
    /* asking(): refused where the number is old. */
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: lives[me] && isNewest(me) -> asked[payment] = true; assert(isNewest(me))
        :: else -> goto again
        fi
    }
    /* The own clock began before the database's, so it ends no later. */
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: lives[me] && !ownClockOver[me] -> assert(isNewest(me)); assert(asked[payment])
        :: else -> goto again
        fi
    }
    /* On its way: a relay that stops here sends late, and it is the same transaction. */
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: else -> send(payment)
        fi
    }
    /* answered(): refused where the number is old; then the relay that took over writes it. */
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: lives[me] && isNewest(me) -> answered[payment] = true; assert(isNewest(me))
        :: else -> goto again
        fi
    }
    /* release() */
    atomic { !lives[me] || goesOn;
        if
        :: !lives[me] -> goto dead
        :: lives[me] && isNewest(me) -> isOver = true
        :: else
        fi
    }
    goto again;
idle:
    skip;
dead:
    skip
}

/* Stops relays, lets them go on, and kills them; one is left alive. */
proctype Faults() {
    byte r;
    do
    :: atomic { faults > 0 -> faults--;
        select(r : 0 .. RELAYS - 1);
        if
        :: lives[r] && !isStopped[r] -> isStopped[r] = true
        :: lives[r] && living > 1 -> lives[r] = false; living--
        :: else
        fi }
    :: atomic { isStopped[0] -> isStopped[0] = false }
    :: atomic { isStopped[1] -> isStopped[1] = false }
#if RELAYS > 2
    :: atomic { isStopped[2] -> isStopped[2] = false }
#endif
    od
}

/* Time: the lease of a relay that does not renew it ends, first by its own clock and then by the database's. */
proctype Time() {
    do
    :: atomic { owner != NOBODY && !isOver && (!lives[owner] || isStopped[owner]) && !ownClockOver[owner] ->
        ownClockOver[owner] = true }
    :: atomic { owner != NOBODY && !isOver && (!lives[owner] || isStopped[owner]) && ownClockOver[owner] ->
        isOver = true }
    od
}

init {
    byte r;
    atomic {
        for (r : 0 .. RELAYS - 1) { lives[r] = true; run Relay(r) }
        run Faults();
        run Time()
    }
}

ltl mined { <> (mined[0] == 1 && answered[0]) }
