import Glibc

/// OpenSSL's SHA3-256, if libcrypto is installed. The library is loaded at run time, so nothing is linked to it.
@safe
final class Libcrypto {
    private typealias Init = @convention(c) (OpaquePointer?, OpaquePointer?, OpaquePointer?) -> Int32
    private typealias Update = @convention(c) (OpaquePointer?, UnsafeRawPointer?, Int) -> Int32
    private typealias Final = @convention(c) (OpaquePointer?, UnsafeMutablePointer<UInt8>, OpaquePointer?) -> Int32

    private let digest: OpaquePointer
    private let context: OpaquePointer
    private let begin: Init
    private let update: Update
    private let finish: Final

    /// Loads libcrypto. Returns `nil` if libcrypto of OpenSSL 3 is not installed.
    init?() {
        guard let library = unsafe dlopen("libcrypto.so.3", RTLD_NOW),
            let fetch = unsafe dlsym(library, "EVP_MD_fetch"), let new = unsafe dlsym(library, "EVP_MD_CTX_new"),
            let begin = unsafe dlsym(library, "EVP_DigestInit_ex2"),
            let update = unsafe dlsym(library, "EVP_DigestUpdate"),
            let finish = unsafe dlsym(library, "EVP_DigestFinal_ex")
        else { return nil }
        typealias Fetch = @convention(c) (OpaquePointer?, UnsafePointer<CChar>, OpaquePointer?) -> OpaquePointer?
        typealias New = @convention(c) () -> OpaquePointer?
        guard let digest = unsafe unsafeBitCast(fetch, to: Fetch.self)(nil, "SHA3-256", nil),
            let context = unsafe unsafeBitCast(new, to: New.self)()
        else { return nil }
        unsafe self.digest = digest
        unsafe self.context = context
        unsafe self.begin = unsafe unsafeBitCast(begin, to: Init.self)
        unsafe self.update = unsafe unsafeBitCast(update, to: Update.self)
        unsafe self.finish = unsafe unsafeBitCast(finish, to: Final.self)
    }

    func sha3(_ message: [UInt8]) -> InlineArray<32, UInt8> {
        var result = InlineArray<32, UInt8>(repeating: 0)
        var output = result.mutableSpan
        unsafe output.withUnsafeMutableBufferPointer { output in
            guard let start = output.baseAddress else { return }
            _ = unsafe begin(context, digest, nil)
            _ = unsafe update(context, message, message.count)
            _ = unsafe finish(context, start, nil)
        }
        return result
    }
}
