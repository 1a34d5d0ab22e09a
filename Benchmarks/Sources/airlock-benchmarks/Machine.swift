import AirlockEthereumTypes
import Glibc

/// The machine on which the measurements are made, with the date and the load.
struct Machine {
    let processor: String
    let date: String
    /// The average number of processes that recently used or waited for a core. If it is higher than the number of
    /// cores, the measured times of processes are not reliable.
    let load: Double

    init() {
        let lines = (readFile("/proc/cpuinfo") ?? []).split(separator: UInt8(ascii: "\n"))
        let model = lines.lazy.map { String(decoding: $0, as: UTF8.self) }.first { $0.hasPrefix("model name") }
        let name = model?.split(separator: ":").last?.dropFirst()
        processor = name.map(String.init) ?? "unknown processor"
        var loads = [0.0]
        load = unsafe getloadavg(&loads, 1) == 1 ? loads[0] : 0
        date = String(Timestamp(seconds: UInt64(time(nil))).description.prefix(10))
    }

    var description: String { "\(processor), \(Processors.count) cores, load \(Text.fixed(load, places: 1)), \(date)" }
}
