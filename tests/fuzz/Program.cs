using System.Globalization;
using Fovea;
using Fovea.Fuzz;
using Fovea.Fuzz.Coverage;

// fovea-fuzz list | READER… | all [--inputs N] [--minutes M] [--seed S] [--keep DIR] [--plain]: docs/reference/attacks.md.
List<string> names = [];
FuzzSettings settings = new();
bool child = false;
for (int i = 0; i < args.Length; i++)
{
    string Value() => i + 1 < args.Length ? args[++i] : throw new ArgumentException($"{args[i]} needs a value.");
    long Whole() => long.Parse(Value(), CultureInfo.InvariantCulture);
    switch (args[i])
    {
        case "--inputs": settings = settings with { Inputs = Whole() }; break;
        case "--first": settings = settings with { First = Whole() }; break;
        case "--seed": settings = settings with { Seed = (ulong)Whole() }; break;
        case "--minutes": settings = settings with { Minutes = double.Parse(Value(), CultureInfo.InvariantCulture) }; break;
        case "--keep": settings = settings with { Keep = Path.GetFullPath(Value()) }; break;
        case "--work": settings = settings with { Work = Value() }; break;
        case "--plain": settings = settings with { Plain = true }; break;
        case "--child": child = true; break;
        default: names.Add(args[i]); break;
    }
}
if (names is ["read", var readerName, var path])
{
    // One input again, with whatever comes of it.
    using FuzzReader one = ReaderList.Find(readerName);
    one.Folder = Directory.CreateTempSubdirectory("fovea-fuzz-").FullName;
    using var peak = new NativePeak();
    byte[] input = File.ReadAllBytes(path);
    // The first reading compiles.
    Outcome.Of(one, input, peak);
    Console.WriteLine(Outcome.Of(one, input, peak));
    Directory.Delete(one.Folder, recursive: true);
    return 0;
}
if (names is [] or ["list"])
{
    foreach (FuzzReader reader in ReaderList.All()) Console.WriteLine($"{reader.Name,-14} {reader.About}");
    return 0;
}
try
{
    if (child)
    {
        string blocks = Path.Combine(AppContext.BaseDirectory, Instrumentation.BlocksFile);
        if (File.Exists(blocks)) CoverageMap.Blocks = File.ReadLines(blocks).Count();
        using FuzzReader reader = ReaderList.Find(names[0]);
        using var run = new FuzzRun(reader, settings);
        run.Run().Save(Path.Combine(settings.Work, "report"));
        return 0;
    }
    string memory = "/dev/shm";
    string work = Path.Combine(Directory.Exists(memory) ? memory : Path.GetTempPath(), $"fovea-fuzz-{Environment.ProcessId}");
    settings = settings with { Work = Directory.CreateDirectory(work).FullName, Keep = Path.GetFullPath(settings.Keep) };
    try
    {
        var supervisor = new Supervisor(settings);
        supervisor.Prepare();
        int findings = 0;
        foreach (FuzzReader reader in names is ["all"] ? ReaderList.All() : [.. names.Select(ReaderList.Find)])
        {
            (FuzzReport report, string coverage) = supervisor.Run(reader);
            Console.WriteLine(report.Text(coverage));
            findings += report.Findings.Count;
        }
        return findings == 0 ? 0 : 1;
    }
    finally
    {
        Directory.Delete(work, recursive: true);
    }
}
catch (Exception e) when (e is FoveaException or ArgumentException or FormatException)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
