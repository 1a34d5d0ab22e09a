#if QR
    import AirlockUR

    /// A picture of black and white points as PNG (ISO/IEC 15948), not compressed: small enough, and nothing to go wrong.
    enum PNG {
        /// - Parameter isDark: whether the point at a column and a row is black.
        static func encode(columns: Int, rows: Int, isDark: (Int, Int) -> Bool) -> [UInt8] {
            // One bit a point, no filter, no interlacing.
            let header = bigEndian(columns) + bigEndian(rows) + [1, 0, 0, 0, 0]
            var lines: [UInt8] = []
            for row in 0..<rows {
                lines.append(0)
                for start in stride(from: 0, to: columns, by: 8) {
                    let bits = (start..<start + 8).map { $0 < columns && !isDark($0, row) }
                    lines.append(bits.reduce(0) { $0 << 1 | ($1 ? 1 : 0) })
                }
            }
            return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header) + chunk("IDAT", zlib(lines))
                + chunk("IEND", [])
        }

        private static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
            let content = Array(type.utf8) + data
            return bigEndian(data.count) + content + bigEndian(Int(CRC32.checksum(content)))
        }

        /// A stream of RFC 1950 that holds blocks of RFC 1951 as they are.
        private static func zlib(_ data: [UInt8]) -> [UInt8] {
            var stream: [UInt8] = [0x78, 0x01]
            for start in stride(from: 0, to: data.count, by: 0xffff) {
                let block = data[start..<min(start + 0xffff, data.count)]
                let length = [UInt8(block.count & 0xff), UInt8(block.count >> 8)]
                stream += [start + block.count == data.count ? 1 : 0] + length + length.map { ~$0 } + block
            }
            var (low, high) = (1, 0)
            for byte in data {
                low = (low + Int(byte)) % 65521
                high = (high + low) % 65521
            }
            return stream + bigEndian(high << 16 | low)
        }

        private static func bigEndian(_ value: Int) -> [UInt8] {
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
    }

    extension QRCode {
        /// The code as a picture with its light border, four points for each module.
        var png: [UInt8] {
            let points = 4
            return PNG.encode(columns: columns * points, rows: columns * points) { isDark($0 / points, $1 / points) }
        }
    }
#endif
