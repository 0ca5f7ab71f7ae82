using Fovea.Explorer;
using Fovea.Tests.Architecture;
using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>What stands on the library keeps the rules of its shape.</summary>
public sealed class ArchitectureTests
{
    [Fact]
    public void The_pages_ask_a_reader_for_all_that_they_show_of_a_run()
    {
        Type[] pages = typeof(ReportBuilder).Assembly.GetTypes();
        string all = string.Join(
            '\n', Rules.ReadsThroughReaders(pages, pages.Single(type => type.Name == "ReportFolder")).Order(StringComparer.Ordinal));
        Assert.True(all.Length == 0, all);
    }

    [Fact]
    public void Commands_and_pages_make_no_object_without_a_type() =>
        Assert.Empty(
            new[] { typeof(ReportBuilder).Assembly, typeof(FoveaApplication).Assembly }.SelectMany(
                assembly => Rules.AnonymousObjects(assembly.GetTypes()).Concat(Rules.AnonymousDocuments(assembly.GetTypes()))));
}
