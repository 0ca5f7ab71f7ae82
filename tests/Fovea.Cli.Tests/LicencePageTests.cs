using Xunit;

namespace Fovea.Cli.Tests;

/// <summary>Every package that is restored has a licence that is known and allowed, and the page says which.</summary>
public sealed class LicencePageTests
{
    // What may be shipped with a program under the MIT licence without more than its notice.
    private static readonly string[] Shipped = ["MIT", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"];

    private readonly IReadOnlyList<LicensedPackage> _packages = LicencePage.Packages();

    [Fact]
    public void Licences_page() => ReferencePageTests.Check("licences.md", LicencePage.Text(_packages));

    [Fact]
    public void Every_licence_is_known_and_allowed() => Assert.All(_packages, one =>
        Assert.True(Shipped.Contains(one.Licence) || (!one.Shipped && one.Licence == "MPL-2.0"), $"{one.Id}: {one.Licence}"));

    /// <summary>One version of a package everywhere: what is tested is what is shipped.</summary>
    [Fact]
    public void No_package_stands_twice() => Assert.Equal(_packages.Count, _packages.DistinctBy(one => one.Id).Count());
}
