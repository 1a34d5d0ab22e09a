internal import AirlockCMicroHTTPD
package import AirlockDiagnostics
import Dispatch
import Glibc

/// Answers HTTP on one address, on a thread of its own, with limits on everything. It never waits for an answer that is
/// being made: the connection sleeps meanwhile.
@safe package final class WebServer: Sendable {
    package struct Limits: Sendable {
        package var connections: UInt32 = 128
        package var connectionsOfAddress: UInt32 = 64
        /// For a whole request, whatever of it comes meanwhile.
        package var requestTime: Duration = .seconds(20)
        /// For an answer to be made, and once more for the client to take it.
        package var answerTime: Duration = .seconds(30)
        package var readers = 16
        package var heartbeat: Duration = .seconds(15)

        package init() {}
    }

    /// As it is listened on, with the port that was picked where 0 was asked for.
    package let address: String
    package let port: UInt16

    private let desk: WebDesk
    private nonisolated(unsafe) let daemon: OpaquePointer
    private nonisolated(unsafe) let timer: any DispatchSourceTimer

    /// - Parameter document: writes a problem as JSON.
    package init(
        _ place: WebAddress, _ routes: [WebRoute], _ access: WebAccess, _ limits: Limits = Limits(),
        document: @escaping @Sendable (Problem) -> [UInt8]
    ) throws(Problem) {
        let desk = WebDesk(routes, access, limits, document)
        let (listener, port) = try place.listen()
        let settings = airlock_mhd_settings(
            listener: listener, connections: limits.connections, connections_of_address: limits.connectionsOfAddress,
            idle_seconds: UInt32(clamping: max(1, limits.requestTime.components.seconds)),
            memory_of_connection: 16 << 10)
        // It is kept by this object until the daemon has stopped.
        let context = unsafe Unmanaged.passUnretained(desk).toOpaque()
        guard let daemon = unsafe airlock_mhd_start(settings, takeRequest, endRequest, watchConnection, context) else {
            close(listener)
            throw Problem(WebRule.cannotListen, at: place.description(with: port))
        }
        unsafe self.daemon = unsafe daemon
        (self.desk, self.port, address) = (desk, port, place.description(with: port))
        unsafe timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "airlock.web"))
        unsafe timer.schedule(deadline: .now() + .seconds(1), repeating: .seconds(1))
        unsafe timer.setEventHandler { desk.tick() }
        unsafe timer.resume()
    }

    /// Ends all connections, and returns when that is done. To be called once.
    package func stop() {
        unsafe timer.cancel()
        let listener = unsafe MHD_quiesce_daemon(daemon)
        if listener >= 0 { close(listener) }
        // A connection that sleeps must be awake before the daemon stops.
        desk.stop()
        unsafe MHD_stop_daemon(daemon)
    }

    /// How many connections there are.
    package var connections: Int { desk.connections }
    /// Tells all readers that listen.
    package func tell(event: String, data: String) { desk.tell(event, data) }
    package var readers: Int { desk.readers }
}
