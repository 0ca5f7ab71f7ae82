using System.Text;
using Fovea.IO;
using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.IO;

public sealed class SafeNameTests
{
    public static TheoryData<string> Hostile => [.. HostileWords.All];

    [Theory]
    [InlineData("block4")]
    [InlineData("layer4.1.conv2")]
    [InlineData("TopK, tied (λ = 2)")]
    [InlineData("größer")]
    [InlineData("特徴")]
    [InlineData("console")]
    [InlineData("com10")]
    [InlineData("a..b")]
    [InlineData("-")]
    public void What_every_file_system_takes_is_a_name(string name)
    {
        Assert.Null(SafeName.Problem(name));
        Assert.Equal(name, SafeName.Require(name, "a layer"));
        Assert.Equal(name, SafeName.Of(name));
        string folder = Directory.CreateTempSubdirectory("fovea-name-").FullName;
        try
        {
            File.WriteAllText(SafeName.Combine(folder, name), "");
            Assert.Equal(name, Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(folder))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_leads_elsewhere_or_is_no_name_somewhere_is_refused(string word)
    {
        Assert.NotNull(SafeName.Problem(word));
        FoveaException error = Assert.Throws<FoveaException>(() => SafeName.Require(word, "a layer"));
        Assert.Equal(FailureKind.Configuration, error.Kind);
        Assert.Contains("cannot name a layer", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(error.Message, char.IsControl);
        Assert.Throws<FoveaException>(() => SafeName.Combine("/run", "dictionaries", word));
        Assert.Null(SafeName.Problem(SafeName.Of(word)));
        Assert.Equal(SafeName.Of(word), SafeName.Of(word));
    }

    [Fact]
    public void Texts_that_are_no_names_do_not_meet_in_one()
    {
        string[] names = [.. HostileWords.All.Append("a_b").Append("a:b").Select(SafeName.Of)];
        Assert.Null(SafeName.Collision(names));
    }

    [Theory]
    [InlineData("a", "A")]
    [InlineData("größe", "GRÖSSE", false)]
    [InlineData("größe", "GRÖßE")]
    [InlineData("x", "x")]
    [InlineData("topk", "topk ", false)]
    public void Names_that_differ_in_case_alone_are_one_somewhere(string first, string second, bool same = true) =>
        Assert.Equal(same ? (first, second) : null, SafeName.Collision(["other", first, "more", second]));

    [Fact]
    public void Composed_and_decomposed_letters_are_one_name()
    {
        string word = "größe";
        Assert.NotNull(SafeName.Collision([word.Normalize(NormalizationForm.FormC), word.Normalize(NormalizationForm.FormD)]));
    }

    /// <summary>Every path of a run folder that is made from a word, found by reflection: a new one is held to the same.</summary>
    [Fact]
    public void No_path_of_a_run_folder_is_made_from_a_word_that_is_no_name()
    {
        var run = new RunFolder(Path.Combine(Path.GetTempPath(), "run"));
        var methods = typeof(RunFolder).GetMethods()
            .Where(method => method.DeclaringType == typeof(RunFolder) && method.ReturnType == typeof(string)
            && method.GetParameters() is { Length: > 0 } parameters
                && parameters.All(parameter => parameter.ParameterType == typeof(string))).ToArray();
        Assert.True(methods.Length >= 5);
        foreach (var method in methods)
        {
            int count = method.GetParameters().Length;
            Assert.StartsWith(
                run.Root + Path.DirectorySeparatorChar, (string)method.Invoke(run, [.. Enumerable.Repeat("name", count)])!,
                    StringComparison.Ordinal);
            foreach (string word in HostileWords.All)
            {
                for (int i = 0; i < count; i++)
                {
                    object[] arguments = [.. Enumerable.Range(0, count).Select(at => at == i ? word : "name")];
                    var thrown = Assert.Throws<System.Reflection.TargetInvocationException>(() => method.Invoke(run, arguments));
                    Assert.IsType<FoveaException>(thrown.InnerException);
                }
            }
        }
    }
}
