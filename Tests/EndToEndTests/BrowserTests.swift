import AirlockToolSupport
import Foundation
import Testing
import AirlockTestSupport

extension EndToEnd {
    @Suite("The page in a browser")
    struct Browser {
        @Test("shows, sends and follows payments, by pointer, keyboard and camera, wide and narrow, light and dark")
        func page() throws {
            let python = try #require(BuiltTool.python)
            var environment = ["PYTHONDONTWRITEBYTECODE": "1"]
            environment["AIRLOCK_VECTORS"] = ProcessInfo.processInfo.environment["AIRLOCK_VECTORS"]
            let outcome = try python.run(
                ["\(PackageRoot.path)/Tests/Browser", BuiltTool.folder], in: "/",
                environment: environment, seconds: 600)
            print(outcome.out, terminator: "")
            #expect(outcome.exit == 0, "\(outcome.err)")
            #expect(outcome.out.contains("browser: "))
        }
    }
}
