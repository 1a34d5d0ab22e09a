import AirlockEthereumTypes
import Glibc

/// Where and when it was measured.
struct Machine {
    let processor: String
    let date: String
    /// How many processes wanted a core, of late: when more than there are cores, the times of processes mean little.
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
