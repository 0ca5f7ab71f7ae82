using Fovea.Cli.Tests.Memory;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace Fovea.Cli.Tests;

/// <summary>
/// Runs the tests; or, where a test has started this program again, the command <c>fovea</c> until it kills itself
/// (<see cref="SelfKillingProcess"/>), or what <see cref="HeapProcess"/> or <see cref="LiveTensorProcess"/> measures.
/// </summary>
internal static class EntryPoint
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [SelfKillingProcess.Word, ..] => SelfKillingProcess.Work(args[1..]),
        [HeapProcess.Word, .. string[] words] => HeapProcess.Work(words),
        [LiveTensorProcess.Word, var recipe, var run] => LiveTensorProcess.Work(recipe, run),
        _ when args.Any(arg => arg is "-automated" or "@@") => await ConsoleRunner.Run(args),
        _ => await TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
    };
}
