#pragma warning disable CS1591 // what breaks a rule needs no explanation of its own
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using Fovea.IO;
using TorchSharp;

// One small breach of every rule, which ViolationTests shows to it.
namespace Violating.Low
{
    /// <summary>Knows a room after its own in its body alone.</summary>
    public sealed class KnowsLater
    {
        public static int Sum() => ((int[])[1, 2]).Select(number => number + Later.Runner.Offset()).Sum();
    }

    /// <summary>Knows a room after its own as an argument of a generic field.</summary>
    public sealed class KnowsLaterByField
    {
        public List<Later.Runner[]>? Runners { get; set; }
    }
}

namespace Violating.Later
{
    public sealed class Runner
    {
        public static int Offset() => 1;

        public Low.KnowsLater? Earlier { get; set; }
    }

    public class Open;

    public class Parent;

    public sealed class Child : Parent;
}

namespace Violating.Elsewhere
{
    public sealed class Homeless;
}

namespace Violating.Settings
{
    public sealed record Chosen(string Label, int Count, string Source = "", IReadOnlyList<string>? Labels = null);

    /// <summary>Names of what a run has, as pages and commands ask for them.</summary>
    public interface IHolder
    {
        IReadOnlyList<string> Names { get; }

        IReadOnlyList<string> Below(string name);
    }
}

namespace Violating.Bodies
{
    internal static class UnguardedFiles
    {
        public static byte[] All(string path) => File.ReadAllBytes(path);

        public static MemoryMappedFile Mapped(string path) => MemoryMappedFile.CreateFromFile(path);

        public static FileStream Opened(string path) => new(path, FileMode.Open);

        public static StreamReader Else(Stream stream) => new(stream);
    }

    internal static class Unguarded
    {
        public static torch.Tensor Gradient(torch.Tensor value, torch.Tensor by) => torch.autograd.grad([value], [by])[0];

        public static void Backward(torch.Tensor value) => value.backward();

        public static torch.Tensor Multiplied(torch.Tensor value, torch.Tensor by) => value.matmul(by);

        public static torch.Tensor? Field(torch.Tensor value) => value.grad;
    }

    internal static class Paths
    {
        public static string Unchecked(string folder, Settings.Chosen chosen) => Path.Combine(folder, chosen.Label + ".json");

        public static string Interpolated(string folder, Settings.Chosen chosen)
        {
            string name = $"{chosen.Label}-{chosen.Count}";
            return Path.Combine(folder, "members", name);
        }

        public static string Checked(string folder, Settings.Chosen chosen) => Path.Join(folder, SafeName.Require(chosen.Label, "a label"));

        public static string Number(string folder, Settings.Chosen chosen) =>
            chosen.Label == "a" ? Path.Combine(folder, $"{chosen.Count}.json") : SafeName.Combine(folder, chosen.Label);
    }

    /// <summary>The word goes a way of its own before it becomes a path; each breach's name is the way.</summary>
    internal sealed class PathsByWays(string folder, Settings.Chosen chosen)
    {
        private readonly List<string> _kept = [];
        private string _label = chosen.Label;

        public string Field() => Path.Combine(folder, _label);

        public Func<string> Lambda()
        {
            string label = chosen.Label;
            return () => Path.Join(folder, label);
        }

        public string[] GivenToLambda() => [.. chosen.Labels!.Select(label => Path.Combine(folder, label))];

        public string[] ResultOfLambda() => [.. new[] { chosen }.Select(one => one.Label + "-1").Where(one => Directory.Exists(one))];

        public string Argument() => ArgumentOf(chosen.Label);

        public string Result() => Path.Combine(folder, NameOf(chosen));

        public bool File() => System.IO.File.Exists(folder + "/" + chosen.Label);

        public void Kept() => _kept.Add(chosen.Label);

        public string List() => Path.Combine(folder, _kept[0]);

        public string Iterator() => Path.Combine(folder, Names().First());

        public string Five() => Path.Combine(folder, "a", "b", "c", chosen.Label);

        public string Interface(INamed named) => Path.Combine(folder, named.Name);

        // What follows is no breach.
        public string SafeByField()
        {
            _label = "constant";
            return SafeName.Combine(folder, _label);
        }

        public string[] SafeByLambda() => [.. chosen.Labels!.Select(label => Path.Combine(folder, SafeName.Of(label)))];

        public string OfTheUser() => Path.Combine(folder, chosen.Source);

        public string Number() => Path.Combine(folder, $"{chosen.Label.Length}");

        private string ArgumentOf(string name) => Path.Combine(folder, name);

        private static string NameOf(Settings.Chosen chosen) => chosen.Label + ".json";

        private IEnumerable<string> Names()
        {
            yield return "a";
            yield return chosen.Label;
        }
    }

    /// <summary>A word of a run on its way through an address and a page to the file of the page.</summary>
    internal sealed class PathsOfRuns(string folder)
    {
        public async Task Pages(Settings.IHolder run)
        {
            foreach (string name in run.Names)
            {
                foreach (string below in run.Below(name)) await Write(FileOf(new Address("m", name, below)));
            }
        }

        public Task Safe(Settings.IHolder run) => File.WriteAllTextAsync(SafeName.Combine(folder, [.. run.Names]), "");

        private Task Write(string file) => File.WriteAllTextAsync(Path.Combine(folder, file), "");

        private static string FileOf(Address page) => string.Concat(page.Segments.Select(segment => segment + "/")) + "index.html";

        private sealed record Address
        {
            public Address(params string[] segments) => Segments = segments;

            public IReadOnlyList<string> Segments { get; }
        }
    }

    internal interface INamed
    {
        string Name { get; }
    }

    internal sealed class Named(Settings.Chosen chosen) : INamed
    {
        public string Name => chosen.Label;
    }

    internal static class Writers
    {
        public static void Anonymous(string path) => JsonFile.Write(path, new[] { new { a = 1 } });

        public static object Said(string run) => new { Run = run };

        public static object Inputs(int seed) => new { seed };

        public static string OfAnyType(object inputs) => JsonSerializer.Serialize(inputs);

        public static string AsItIs(object inputs) => JsonSerializer.Serialize(inputs, inputs.GetType());

        public static int Query(int[] numbers) => (from one in numbers from other in numbers where one < other select one + other).Sum();

        public static void Typed(string path) => JsonFile.Write(path, new Settings.Chosen("a", 1));
    }

    internal static class Pages
    {
        public static string Guess(string folder) =>
            JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "a.json"))).RootElement.GetProperty("a").GetString()!;

        public static string Ask(Fovea.Documents.IRunReader run) => run.Text("a.txt") ?? "";
    }

    internal static class PageWriter
    {
        public static void Write(string folder) => Directory.CreateDirectory(folder);

        public static bool Look(string path) => File.Exists(path);
    }

    internal enum Way
    {
        Counted,
        Silent,
        Untested,
    }

    internal static class Ways
    {
        public static void Ran(Way way) => GC.KeepAlive(way);

        public static void Work(bool other) => Ran(other ? Way.Counted : Way.Untested);
    }

    internal static class CountedChoice
    {
        public static bool Serves(int length) => length > 3;

        public static int Sum(int length) => Serves(length) ? Kernel.Sum(length) : length;

        internal static class Kernel
        {
            public static int Sum(int length)
            {
                Ways.Ran(Way.Counted);
                return length;
            }
        }
    }

    internal static class SilentChoice
    {
        public static int Sum(int length) => CountedChoice.Serves(length) ? length + 1 - 1 : length;
    }

    internal static class WayTests
    {
        public static void Count(Way way) => GC.KeepAlive(way);

        public static void Test()
        {
            Count(Way.Counted);
            if (Environment.ProcessorCount > 0) Count(Way.Silent);
        }
    }
}
