using System.Diagnostics;
using System.Globalization;
using Fovea.Fuzz.Coverage;

namespace Fovea.Fuzz;

/// <summary>
/// Runs a reader's inputs in a process of their own, so that one that ends the process is known and the rest is read all the same.
/// </summary>
internal sealed class Supervisor(FuzzSettings settings)
{
    private static readonly string[] Instrumented = ["Fovea.Core.dll", "fovea.dll", "Fovea.Explorer.dll"];
    private const int MostProcesses = 20;

    private string _folder = AppContext.BaseDirectory;

    /// <summary>Makes the copy whose blocks are counted.</summary>
    public void Prepare()
    {
        if (settings.Plain) return;
        _folder = Path.Combine(settings.Work, "program");
        Instrumentation.Copy(AppContext.BaseDirectory, _folder, Instrumented);
    }

    /// <summary>One reader, to its end.</summary>
    /// <returns>What it did, and what of its code was reached.</returns>
    public (FuzzReport Report, string Coverage) Run(FuzzReader reader)
    {
        FuzzSettings own = settings with { Work = Directory.CreateDirectory(Path.Combine(settings.Work, reader.Name)).FullName };
        FuzzReport? all = null;
        for (int process = 0; process < MostProcesses; process++)
        {
            string file = Path.Combine(own.Work, "report");
            File.Delete(file);
            var clock = Stopwatch.StartNew();
            int code = Start(reader.Name, own, out string error);
            FuzzReport report;
            if (code == 0)
            {
                report = FuzzReport.Load(file);
            }
            else
            {
                // Its counts are lost; its time is not more than this.
                (long number, byte[] input) = CurrentInput.Last(own.Work);
                report = new FuzzReport { Reader = reader.Name, Inputs = Math.Max(0, number), Processor = clock.Elapsed };
                string kind = code == CurrentInput.Hung ? "hang" : $"ended the process with {code}";
                report.Find(new Outcome(kind, First(error), error, clock.Elapsed, 0), input, number, settings.Keep);
                own = own with { First = number + 1, Minutes = own.Minutes - clock.Elapsed.TotalMinutes };
            }
            if (all is not null) report.Join(all);
            all = report;
            if (code == 0 || own.Minutes <= 0 || own.First >= own.Inputs) break;
        }
        return (all!, Reached(reader, own));
    }

    private int Start(string name, FuzzSettings own, out string error)
    {
        string[] arguments =
        [
            Path.Combine(_folder, "fovea-fuzz.dll"), "--child", name, "--inputs", Number(own.Inputs), "--first", Number(own.First), "--minutes",
            own.Minutes.ToString(CultureInfo.InvariantCulture), "--seed", own.Seed.ToString(CultureInfo.InvariantCulture), "--keep", own.Keep,
            "--work", own.Work,
        ];
        string host = Environment.ProcessPath is { } path && Path.GetFileName(path).StartsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet";
        var start = new ProcessStartInfo(host, arguments) { RedirectStandardError = true };
        // Small first generations: what an input takes shows, and not what the collector holds back.
        (start.Environment["DOTNET_GCgen0size"], start.Environment["OMP_NUM_THREADS"]) = ("0x1000000", "1");
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        using Process process = Process.Start(start)!;
        error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    private static string First(string error) =>
        error.Split('\n').FirstOrDefault(line => line.Contains(" Fovea.", StringComparison.Ordinal))?.Trim().Split('(')[0]
        ?? error.Split('\n')[0];

    private string Reached(FuzzReader reader, FuzzSettings own)
    {
        string list = Path.Combine(_folder, Instrumentation.BlocksFile);
        if (!File.Exists(list) || !File.Exists(own.CoverageFile)) return "";
        string[] blocks = File.ReadAllLines(list);
        byte[] seen = File.ReadAllBytes(own.CoverageFile);
        int all = 0, reached = 0;
        for (int i = 0; i < blocks.Length && i < seen.Length; i++)
        {
            if (!reader.Types.Any(type => blocks[i].StartsWith(type, StringComparison.Ordinal))) continue;
            all++;
            reached += seen[i];
        }
        return string.Create(CultureInfo.InvariantCulture, $"{reached:N0} of {all:N0} blocks ({100.0 * reached / Math.Max(1, all):0} %)");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
