using Fovea.Tests.Shared;
using Xunit;

namespace Fovea.Tests.Architecture;

/// <summary>The public API is what was approved (<c>PublicApi.txt</c>); <c>FOVEA_UPDATE_API=1</c> approves what is there.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void The_public_API_is_the_approved_one()
    {
        string path = Path.Combine(Checkout.Root, "tests", "Fovea.Tests", "Architecture", "PublicApi.txt");
        IReadOnlyList<string> now = PublicApi.Of(typeof(FoveaException).Assembly.GetTypes());
        if (Environment.GetEnvironmentVariable("FOVEA_UPDATE_API") == "1") File.WriteAllLines(path, now);
        string[] approved = File.ReadAllLines(path);
        string[] changes = [.. now.Except(approved).Select(line => "+ " + line), .. approved.Except(now).Select(line => "- " + line)];
        Assert.True(changes.Length == 0,
            $"The public API changed. Is it meant? Then run the test with FOVEA_UPDATE_API=1.\n{string.Join('\n', changes)}");
    }

    [Fact]
    public void A_member_more_or_with_another_type_is_another_line()
    {
        IReadOnlyList<string> lines = PublicApi.Of([typeof(Violating.Settings.Chosen), typeof(Violating.Later.Runner)]);
        Assert.Contains("Violating.Settings.Chosen.Label : String { get init }", lines);
        Assert.Contains("Violating.Later.Runner.Offset() : Int32", lines);
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines);
    }
}
